/** What is described, and how, as an option in a help text. */
export type Term = readonly [term: string, description: string];

/** Returns whether a paragraph is laid out by hand, as examples are. */
export const isVerbatim = (text: string): boolean => /^ {2}/m.test(text);

/** Returns an entry of a list of terms, such as options. */
export const term = ([name, description]: Term): string =>
  `.TP\n.B ${roff(name)}\n${filled(description)}`;

export const paragraph = (text: string): string =>
  isVerbatim(text) ?
    `.nf\n${text.split('\n').map(roff).join('\n')}\n.fi`
  : filled(text.replaceAll('\n', ' '));

const LINE = 78;

/** Returns a text in lines, which the page's reader fills. */
export function filled(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ').map(escaped)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE)
      lines.push(`${lines.pop() ?? ''} ${word}`);
    else lines.push(word);
  }
  return lines.map(unlikeRequest).join('\n');
}

/** Returns a line of text in which nothing is a request or an escape. */
export const roff = (text: string): string => unlikeRequest(escaped(text));

const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq');

const unlikeRequest = (line: string): string => line.replace(/^(?=[.'])/, '\\&');
