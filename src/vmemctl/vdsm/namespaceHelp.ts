import { wrap } from '../output/width.ts';
import { firstClause } from './firstClause.ts';
import { methodsOf } from './methods.ts';

/** Columns of help where there is no terminal, and the fewest for text. */
export const USUAL_WIDTH = 80;
const LEAST = 24;

/** Returns the methods of a namespace, each with the first clause of what it does. */
export async function namespaceHelp(namespace: string, columns = USUAL_WIDTH): Promise<string> {
  const methods = await methodsOf(namespace);
  const verbs = methods.map(({ name }) => name.slice(namespace.length + 1));
  const indent = Math.max(...verbs.map((verb) => verb.length)) + 4;
  const items = methods.flatMap(({ description }, index) => {
    const lines = wrap(firstClause(description), Math.max(LEAST, columns - indent));
    return lines.map(
      (line, at) => `  ${at === 0 ? (verbs[index] ?? '') : ''}`.padEnd(indent) + line,
    );
  });
  return [
    `Usage: vmemctl ${namespace} METHOD [name=value …] [-f FILE]`,
    '',
    'Methods; METHOD --help prints params and a JSON skeleton:',
    ...items,
  ].join('\n');
}
