import { Worker } from 'node:worker_threads';

/** Runs a file of TypeScript in a thread, which begins with JavaScript that makes it read TypeScript. */
export function inThread(file: URL, workerData: unknown): Worker {
  const program = `import { register } from '${import.meta.resolve('tsx/esm/api')}';
    register();
    await import('${file.href}');`;
  const start = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  return new Worker(start, { workerData });
}
