import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { hints } from '../../src/cli/hints.ts';
import { complaint, validator } from '../../src/common/validate.ts';
import type { Contract } from '../../src/api/verb.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

interface Request {
  readonly method: string;
  readonly params?: object;
}

const pasted = (text: string): Request[] =>
  [...text.matchAll(/ -x '([^']+)'/g)].map(([, request = '']) => JSON.parse(request) as Request);

const hinted = (connection: string): Request[] =>
  pasted(
    hints({ addresses: ['[::]:1'], connection }, { ssl: true, pki: '/pki', hostname: 'kvm1' }),
  );

const lines = {
  'the README': pasted(readme),
  'what npm start prints': hinted('a simulated host'),
  'what it prints on libvirt': hinted('libvirt at qemu:///system'),
};

describe.each(Object.entries(lines))('each line to paste of %s', (_, requests) => {
  test.each(requests.map((request) => [request.method, request] as const))(
    '%s conforms to its contract',
    async (method, { params = {} }) => {
      const file = join(root, 'schema', 'verbs', `${method}.ts`);
      const { default: contract } = (await import(file)) as { default: Contract };
      const valid = validator(contract.params)();
      expect(valid(params) ? 'valid' : complaint(valid)).toBe('valid');
    },
  );
});

test('the README links only to existing files', () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(2);
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
