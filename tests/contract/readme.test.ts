import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { hints } from '../../src/cli/hints.ts';
import { complaint, validator } from '../../src/common/validate.ts';
import type { Contract } from '../../src/api/verb.ts';
import { openSimulated } from '../vmemctl/simulated.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

interface Request {
  readonly method: string;
  readonly params?: object;
}

const pasted = (text: string): Request[] =>
  [...text.matchAll(/ -x '([^']+)'/g)].map(([, request = '']) => JSON.parse(request) as Request);

const hinted = (connection: string): string =>
  hints(
    { addresses: ['[::]:54321'], connection },
    {
      ssl: true,
      pki: '/pki',
      hostname: 'kvm1',
      hasUsualSocket: false,
    },
  );

/** Returns the command lines of a text, by its headings. */
function commandLines(text: string): readonly (readonly string[])[] {
  const sections = text
    .split(/^#+ /m)
    .map((section) => section.match(/^ {4}\.\/vmemctl\b.*$/gm) ?? []);
  return sections.filter((lines) => lines.length > 0);
}

const wordsOf = (line: string): string[] => {
  const words = line.trim().match(/(?:'[^']*'|[^'\s])+/g) ?? [];
  return words.slice(1).map((word) => word.replaceAll("'", ''));
};

describe.each(pasted(readme).map((request) => [request.method, request] as const))(
  'the request %s of the README',
  (method, { params = {} }) => {
    test('conforms to its contract', async () => {
      const file = join(root, 'schema', 'verbs', `${method}.ts`);
      const { default: contract } = (await import(file)) as { default: Contract };
      const valid = validator(contract.params)();
      expect(valid(params) ? 'valid' : complaint(valid)).toBe('valid');
    });
  },
);

const pages: readonly (readonly [string, string])[] = [
  ['the README', readme],
  ['what npm start prints', hinted('a simulated host')],
  ['what it prints on libvirt', hinted('libvirt at qemu:///system')],
];

describe.each(
  pages.flatMap(([page, text]) => commandLines(text).map((lines) => [page, lines] as const)),
)('vmemctl in %s', (_, lines) => {
  test(`does what is shown: ${lines[0]?.trim() ?? ''} …`, async () => {
    const host = await openSimulated();
    try {
      for (const line of lines) {
        // of another machine, which this host stands for
        const words = wordsOf(line.replace(/ --host \S+ --pki \S+/, ''));
        const endless = words.includes('events') ? { interruption: AbortSignal.timeout(100) } : {};
        const { exit, stderr } = await host.run(words, endless);
        expect({ line, exit, stderr }).toEqual({ line, exit: 0, stderr: expect.anything() });
      }
    } finally {
      await host.stop();
    }
  });
});
