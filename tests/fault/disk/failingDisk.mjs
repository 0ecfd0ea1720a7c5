// Loaded into vmemd before it starts: while a file says so, all that it does with the files of one folder, and with its
// output, ends as on a disk that is broken.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const folder = process.env.VMEMD_TEST_DISK;
const mark = process.env.VMEMD_TEST_DISK_BROKEN;
const { existsSync } = fs;
const isBroken = () => existsSync(mark);
const failure = (syscall) =>
  Object.assign(new Error(`EIO: i/o error, ${syscall}`), { code: 'EIO', errno: -5, syscall });

const { promises } = fs;
const handles = new WeakSet();
for (const name of ['open', 'readFile', 'rename', 'rm', 'writeFile']) {
  const real = promises[name];
  promises[name] = async (path, ...rest) => {
    const isThere = String(path).startsWith(folder);
    if (isThere && isBroken()) throw failure(name);
    const result = await real(path, ...rest);
    if (isThere && name === 'open') handles.add(result);
    return result;
  };
}

const handle = await promises.open(new URL(import.meta.url));
const Handle = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ['appendFile', 'read', 'stat', 'truncate']) {
  const real = Handle[name];
  Handle[name] = async function (...given) {
    if (handles.has(this) && isBroken()) throw failure(name);
    return real.apply(this, given);
  };
}

const { write, writeSync } = fs;
const isOutput = (descriptor) => descriptor === 1 || descriptor === 2;
fs.write = (descriptor, ...rest) => {
  if (!isOutput(descriptor) || !isBroken()) return write(descriptor, ...rest);
  process.nextTick(rest.at(-1), failure('write'));
};
fs.writeSync = (descriptor, ...rest) => {
  if (isOutput(descriptor) && isBroken()) throw failure('write');
  return writeSync(descriptor, ...rest);
};
syncBuiltinESMExports();
