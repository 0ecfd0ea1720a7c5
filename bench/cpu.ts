import { readdir, readFile } from 'node:fs/promises';

/** Returns the CPU time that a process has used, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  const folder = `/proc/${String(pid)}/task`;
  const threads = await readdir(folder);
  // a thread may end meanwhile
  const times = threads.map((thread) =>
    readFile(`${folder}/${thread}/schedstat`, 'utf8').catch(() => '0'),
  );
  const nanoseconds = (await Promise.all(times)).map((text) => Number(text.split(' ', 1)[0]));
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}
