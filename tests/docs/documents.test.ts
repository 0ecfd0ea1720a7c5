import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Contract } from '../../src/api/verb.ts';
import { complaint, validator } from '../../src/common/validate.ts';
import { anchorsOf, type Link, linksOf } from './links.ts';
import { readPage } from './markdown.ts';
import { documents, root, textOf } from './pages.ts';
import { unknownMarks } from './script.ts';

const README_BYTES = 8000;

/** Returns the JSON-RPC requests in quotes that the text has for clients such as wscat. */
const requestsOf = (text: string): string[] =>
  [...text.matchAll(/'(\{"jsonrpc"[^']+)'/g)].map(([, request = '']) => request);

/** Returns what is wrong with a link of this page, if anything is. */
function flaw(page: string, { path, anchor }: Link): string | undefined {
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, target))) return `${path}: no such file`;
  if (anchor === undefined || anchorsOf(textOf(target)).has(anchor)) return undefined;
  return `${path}#${anchor}: no such heading`;
}

describe.each(documents)('%s', (name) => {
  const text = textOf(name);
  const { blocks, indented } = readPage(text);

  test('links to existing files and headings', () => {
    expect(linksOf(text).flatMap((link) => flaw(name, link) ?? [])).toEqual([]);
  });

  test('has commands only in blocks that are executed, or say why not', () => {
    const others = blocks.filter(({ language }) =>
      ['', 'bash', 'shell', 'console', 'zsh'].includes(language),
    );
    expect([...others.map(({ line }) => line), ...indented]).toEqual([]);
    const commands = blocks.filter(({ language }) => language === 'sh');
    expect(commands.flatMap(unknownMarks)).toEqual([]);
  });

  test('has requests for other clients that conform to their contracts', async () => {
    for (const request of requestsOf(text)) {
      const { method, params = {} } = JSON.parse(request) as { method: string; params?: object };
      const file = join(root, 'schema', 'verbs', `${method}.ts`);
      const { default: contract } = (await import(file)) as { default: Contract };
      const valid = validator(contract.params)();
      expect({ request, is: valid(params) ? 'valid' : complaint(valid) }).toEqual({
        request,
        is: 'valid',
      });
    }
  });
});

describe('the documents', () => {
  test('have an index that links to each page', () => {
    const linked = linksOf(textOf('docs/README.md')).map(({ path }) => `docs/${path}`);
    const pages = documents.filter((name) => /^docs\/(?!README)/.test(name));
    expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
  });

  test('have a README that is read in minutes', () => {
    expect(Buffer.byteLength(textOf('README.md'))).toBeLessThanOrEqual(README_BYTES);
  });
});

describe('a link', () => {
  test('is found outside of code, with its anchor', () => {
    expect(linksOf('[a](b.md#c-d) `[x](y)` ![p](q.png) [w](https://w.org)')).toEqual([
      { path: 'b.md', anchor: 'c-d' },
      { path: 'q.png' },
    ]);
  });

  test('names a heading as GitHub does', () => {
    const text = '# A `VM.create`, or two\n\n```sh\n# no heading\n```\n\n## Same\n\n## Same\n';
    expect([...anchorsOf(text)]).toEqual(['a-vmcreate-or-two', 'same', 'same-1']);
  });
});
