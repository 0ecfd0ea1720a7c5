/** The beginning of a description, which says what a method does; what is in parentheses is not cut. */
export const firstClause = (text: string): string =>
  `${/^(?:\([^()]*\)|[^(])*?(?=[.;:](?: |$))/.exec(text)?.[0] ?? text}.`;
