import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
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

const end = (child) =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });

/** Runs a program in the project's folder with its output shown; answers its exit status. */
export const show = (command, args, env = {}) => end(spawn(command, args, options(env, 'inherit')));

/** The same for a program that leaves what else runs here the processor, with all that it starts. */
export function showPolitely(command, args, env = {}) {
  const child = spawn(command, args, options(env, 'inherit'));
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  return end(child);
}

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

/** Time since `start` (of performance.now()), for people. */
export const elapsed = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;
