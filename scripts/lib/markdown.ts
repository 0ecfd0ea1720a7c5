/** Returns a table that Prettier leaves alone: it would pad each cell to the longest one. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  const lines = [heads, heads.map(() => '---'), ...rows].map(line).join('');
  return `<!-- prettier-ignore-start -->\n\n${lines}\n<!-- prettier-ignore-end -->\n`;
}

/** Returns text in which no character starts Markdown or HTML. */
export const plain = (text: string): string =>
  text.replaceAll('<', '&lt;').replace(/[*_]/g, (character) => `\\${character}`);

export const code = (text: string): string => `\`${text}\``;

/** Returns the anchor that GitHub and GitLab give a heading. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

export const jsonBlock = (value: unknown): string =>
  `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n`;
