import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const options = (env, stdio) => ({
  cwd: root,
  env: {
    ...process.env,
    PATH: join(root, 'node_modules', '.bin') + delimiter + (process.env.PATH ?? ''),
    ...env,
  },
  stdio: ['ignore', stdio, stdio],
});

const running = new Set();

const end = (child) =>
  new Promise((resolve, reject) => {
    running.add(child);
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });

/** Ends the programs that still run. */
export function endAll() {
  for (const child of running) child.kill();
}

/** Runs a program in the project's folder with its output shown; answers its exit status. */
export const show = (command, args, env = {}) => end(spawn(command, args, options(env, 'inherit')));

/** Runs a program and shows what it printed when it has ended; answers its exit status. */
export async function showLater(command, args, env = {}) {
  const { code, stdout, stderr } = await capture(command, args, env);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return code;
}

/** Runs a program quietly; answers its exit status and all that it printed. */
export async function capture(command, args, env = {}) {
  const child = spawn(command, args, options(env, 'pipe'));
  const stdout = [];
  const stderr = [];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  const code = await end(child);
  return { code, stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)) };
}

const PROGRESS_MS = 10_000;

/** Says on stderr what `work` does, how long it has taken every ten seconds, and that it is done; returns its result. */
export async function announce(words, work) {
  const start = performance.now();
  console.error(`${words} …`);
  const timer = setInterval(() => console.error(`… ${elapsed(start)}`), PROGRESS_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    console.error(`… ${elapsed(start)}, done`);
  }
}

/** Time since `start` (of performance.now()), for people. */
export const elapsed = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;
