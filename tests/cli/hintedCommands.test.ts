import { describe, expect, test } from '@jest/globals';
import { hints } from '../../src/cli/hints.ts';
import { openSimulated } from '../vmemctl/simulated.ts';

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

/** Returns the command lines of vmemctl in a text. */
const commandLines = (text: string): readonly string[] =>
  text.match(/^ {4}\.\/vmemctl\b.*$/gm) ?? [];

const wordsOf = (line: string): string[] => {
  const words = line.trim().match(/(?:'[^']*'|[^'\s])+/g) ?? [];
  return words.slice(1).map((word) => word.replaceAll("'", ''));
};

describe.each(['a simulated host', 'libvirt at qemu:///system'])(
  'what npm start prints on %s',
  (connection) => {
    const text = hinted(connection);

    test('has commands that do what is said', async () => {
      const host = await openSimulated();
      try {
        for (const line of commandLines(text)) {
          // of another machine, which this host stands for
          const words = wordsOf(line.replace(/ --host \S+ --pki \S+/, ''));
          const { exit, stderr } = await host.run(words);
          expect({ line, exit, stderr }).toEqual({ line, exit: 0, stderr: expect.anything() });
        }
      } finally {
        await host.stop();
      }
    });

    test('names a page of the documents', () => {
      expect(text).toMatch(/ docs\/README\.md /);
    });
  },
);
