import { expect, test } from '@jest/globals';
import { sharedRead } from '../../../src/server/peer/sharedRead.ts';

/** A reader whose reads end when the test ends them. */
function manual() {
  const reads: { readonly path: string; end(text: string): void; fail(): void }[] = [];
  const read = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      reads.push({ path, end: resolve, fail: () => reject(new Error('gone')) });
    });
  return { reads, read: sharedRead(read) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('all who ask while a file is read get the next read, and only that', async () => {
  const { reads, read } = manual();
  const first = read('tcp');
  await turn();
  const others = Array.from({ length: 50 }, () => read('tcp'));
  await turn();
  expect(reads).toHaveLength(1);
  reads[0]?.end('before');
  expect(await first).toBe('before');
  await turn();
  reads[1]?.end('after');
  expect(new Set(await Promise.all(others))).toEqual(new Set(['after']));
  expect(reads).toHaveLength(2);
});

test('different files are read at the same time, and a read that fails keeps no other from beginning', async () => {
  const { reads, read } = manual();
  const [tcp, users] = [read('tcp'), read('passwd')];
  await turn();
  expect(reads.map(({ path }) => path)).toEqual(['tcp', 'passwd']);
  const later = read('tcp');
  reads[0]?.fail();
  reads[1]?.end('root');
  await expect(tcp).rejects.toThrow('gone');
  expect(await users).toBe('root');
  await turn();
  reads[2]?.end('again');
  expect(await later).toBe('again');
});
