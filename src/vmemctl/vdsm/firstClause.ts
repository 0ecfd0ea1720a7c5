/** The beginning of a description, which says what a method does. */
export const firstClause = (text: string): string =>
  `${/^.*?(?=[.;](?: |$))/.exec(text)?.[0] ?? text}.`;
