import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** What the skeleton and its tests need of the project. */
const PARTS = [
  'src',
  'schema',
  'scripts/newVerb.ts',
  'scripts/lib/verbFiles.ts',
  'tests/support',
  'tests/verbs/VM.getInfo.test.ts',
  'fixtures/verbs/VM.getInfo.json',
  'package.json',
  'jest.config.js',
  'tsconfig.json',
  '.prettierrc.json',
];

/** A copy of these parts, in which verbs may be written. */
const copy = (async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-new-verb-'));
  for (const part of PARTS) await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
})();
afterAll(async () => rm(await copy, { recursive: true }));

async function run(...args: readonly string[]) {
  const cwd = await copy;
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  const [status] = (await once(child, 'close')) as [number];
  const [stdout = '', stderr = ''] = (await texts).map((chunks) =>
    Buffer.concat(chunks).toString(),
  );
  return { status, stdout, stderr };
}

const newVerb = (...args: readonly string[]) =>
  run('--import', 'tsx', 'scripts/newVerb.ts', ...args);

const typeCheck = async (...names: readonly string[]) => {
  const include = names.flatMap((name) => [`src/verbs/${name}.ts`, `tests/verbs/${name}.test.ts`]);
  const config = { extends: './tsconfig.json', include };
  await writeFile(join(await copy, 'tsconfig.new.json'), JSON.stringify(config));
  return run('node_modules/.bin/tsc', '-p', 'tsconfig.new.json');
};

test('the files of a new verb have right types and red tests that say what to write', async () => {
  const description = ['--description', "Set a VM's something (KiB)."];
  const made = await newVerb(
    ...['VM.doSomething', '--access', 'operate', '--changes', 'memory_kib'],
    ...description,
  );
  expect(made).toMatchObject({ status: 0, stderr: '' });
  expect(made.stdout).toContain('src/verbs/VM.doSomething.ts');
  const ofHost = await newVerb('Host.getSomething', '--access', 'read', ...description);
  expect(ofHost).toMatchObject({ status: 0, stderr: '' });
  const [types, tests, again] = await Promise.all([
    typeCheck('VM.doSomething', 'Host.getSomething'),
    run('node_modules/.bin/jest', '-i', 'Something'),
    newVerb('VM.doSomething', '--access', 'admin', '--changes', 'status', ...description),
  ]);
  expect(types).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(tests).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/VM.doSomething is not written yet[^]*2 failed, 6 passed/),
  });
  expect(again).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('VM.doSomething exists: schema/verbs/VM.doSomething.ts'),
  });
});

test('a name, class or change that is wrong is refused with a reason', async () => {
  const refusals = [
    [['VM.getInfo', '--access', 'read'], 'VM.getInfo exists'],
    [['Vm.do', '--access', 'read'], 'Vm.do is no name of a verb'],
    [['VM.do', '--access', 'root'], 'Allowed choices are read, operate, admin'],
    [['VM.do', '--access', 'operate'], 'say what by --changes'],
    [['VM.do', '--access', 'read', '--changes', 'status'], 'changes nothing'],
  ] as const;
  const refuse = async ([args, reason]: (typeof refusals)[number]) => {
    const { status, stderr } = await newVerb(...args, '--description', 'Return it.');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(reason) });
  };
  await Promise.all(refusals.map(refuse));
});
