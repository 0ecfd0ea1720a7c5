import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { root } from './lib/run.mjs';

// Makes vmemctl/ in dist/, or in the folder that is named: one file that holds all that every command needs, as loading
// many takes longer than they run. It is CommonJS, which Node loads sooner.
const [folder = join(root, 'dist')] = process.argv.slice(2);
const outDir = join(folder, 'vmemctl');
await build({
  configFile: false,
  root,
  logLevel: 'warn',
  build: {
    ssr: 'src/vmemctl/program/main.ts',
    outDir,
    target: 'node20',
    minify: true,
    rollupOptions: {
      output: { format: 'cjs', entryFileNames: 'main.cjs', chunkFileNames: '[name].cjs' },
    },
  },
  ssr: { noExternal: true },
});
chmodSync(join(outDir, 'main.cjs'), 0o755);
