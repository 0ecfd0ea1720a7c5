import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KiB, Seconds } from '../../../src/common/units.ts';
import { type Book, emptyBook } from '../../../src/policy/reservations/book.ts';
import { BookFile } from '../../../src/policy/reservations/bookFile.ts';
import { recorder } from '../../support/call.ts';
import { idOf } from '../../support/world.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'reservations-'));
});
afterEach(() => rm(root, { recursive: true }));

function opened(hypervisor = 'libvirt at qemu:///system', path = join(root, 'vmemd', 'r.json')) {
  const { lines, log } = recorder();
  return { path, lines, file: new BookFile({ path, hypervisor, log }) };
}

const book: Book = {
  reservations: [
    {
      id: idOf(7),
      amount: KiB(1024),
      origin: 'client',
      depth: 'used',
      since: 1,
      deadline: 2,
      madeAt: 2,
      hold: Seconds(60),
      for: 'vm9',
      takes: { [idOf(1)]: KiB(512) },
    },
  ],
  toReturn: { [idOf(2)]: KiB(256) },
  due: { [idOf(2)]: KiB(128) },
  asked: { [idOf(1)]: { from: KiB(0), to: KiB(512) } },
};

test('reads what was written last, which only its owner may read', async () => {
  const { file, path, lines } = opened();
  await file.write(emptyBook);
  await file.write(book);
  expect(await file.read()).toMatchObject(book);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(root, 'vmemd'))).toEqual(['r.json']);
  expect(lines).toEqual([]);
});

test('is empty before the first write, without a warning', async () => {
  const { file, lines } = opened();
  expect(await file.read()).toEqual(emptyBook);
  expect(lines).toEqual([]);
});

test('what is reserved on another hypervisor does not count here', async () => {
  const { file, path } = opened();
  await file.write(book);
  const other = opened('libvirt at qemu:///session', path);
  expect(await other.file.read()).toEqual(emptyBook);
  expect(other.lines).toMatchObject([{ level: 40, path }]);
});

test.each(['', '{', 'null', '{"version":1}', '{"version":1,"hypervisor":"x"}'])(
  'a file with %j is reported, and nothing is reserved',
  async (text) => {
    const { file, path, lines } = opened();
    await file.write(book);
    await writeFile(path, text);
    expect(await file.read()).toEqual(emptyBook);
    expect(lines).toMatchObject([{ level: 50, path }]);
  },
);

test('a file of a later format is reported and left as it is, and a request that would change it fails', async () => {
  const { file, path, lines } = opened();
  await file.write(emptyBook);
  await writeFile(path, '{"version":2}');
  expect(await file.read()).toEqual(emptyBook);
  expect(lines).toMatchObject([{ level: 50, path }]);
  await expect(file.write(book)).rejects.toMatchObject({
    name: 'GeneralException',
    message: expect.stringMatching(/r\.json was written by a later vmemd/),
  });
  expect(await readFile(path, 'utf8')).toBe('{"version":2}');
});

test('a file that cannot be written fails the request, and says which and what to do', async () => {
  await writeFile(join(root, 'vmemd'), 'no folder');
  const { file } = opened();
  await expect(file.write(book)).rejects.toMatchObject({
    name: 'GeneralException',
    message: expect.stringMatching(/r\.json.*\[memory\] reservations_path/),
  });
});

test('on the simulated host nothing is kept', async () => {
  const { file } = opened('a simulated host', '');
  await file.write(book);
  expect(await file.read()).toEqual(emptyBook);
  expect(await readdir(root)).toEqual([]);
});

test('the file is one line of JSON with its version', async () => {
  const { file, path } = opened();
  await file.write(book);
  const text = await readFile(path, 'utf8');
  expect(text.split('\n')).toHaveLength(2);
  expect(JSON.parse(text)).toMatchObject({ version: 1 });
});
