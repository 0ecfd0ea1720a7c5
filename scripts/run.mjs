import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** The project's folder. */
export const root = join(import.meta.dirname, '..');

const env = (extra) => ({
  ...process.env,
  PATH: join(root, 'node_modules', '.bin') + delimiter + (process.env.PATH ?? ''),
  ...extra,
});

const end = (child) =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });

/** Runs a program in the project's folder with its output shown; answers its exit status. */
export const show = (command, args, extra = {}) =>
  end(
    spawn(command, args, { cwd: root, env: env(extra), stdio: ['ignore', 'inherit', 'inherit'] }),
  );

/** Runs a program quietly; answers its exit status and all that it printed. */
export async function capture(command, args, extra = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: env(extra),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = [];
  const stderr = [];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  const code = await end(child);
  return {
    code,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
}

/** Seconds since `start` (of performance.now()), for people. */
export const elapsed = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;
