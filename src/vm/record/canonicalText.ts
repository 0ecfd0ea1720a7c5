/** The value as JSON with the members of each object in order of their names: equal values have equal texts. */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member) ?
      Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
    : member,
  );
