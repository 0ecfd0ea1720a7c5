import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { ascii, bundledPackages, verbList, withoutOpenTelemetry } from './lib/bundlePlugins.mjs';
import { root } from './lib/run.mjs';

// Makes in dist/, or in the folder that is named, what is installed: each program and library with all packages that it
// needs in one file, or a few, as loading hundreds takes longer than what they do.
const [folder = join(root, 'dist')] = process.argv.slice(2);
const packages = new Set();

await program('vmemctl', 'src/vmemctl/program/main.ts', { minify: true });
await program('vmemd', 'src/main.ts', {
  plugins: [verbList, withoutOpenTelemetry, ascii],
  output: {
    codeSplitting: false,
    // readable, so that the lines and names of a stack in the log can be found in it
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
  },
});
for (const name of ['client', 'libvirt']) {
  const output = { format: 'es', entryFileNames: 'index.js' };
  await bundle(name, `src/${name}/index.ts`, { output });
}
writeFileSync(join(folder, 'packages.json'), `${JSON.stringify(licences(), null, 2)}\n`);

/** A program is CommonJS, which Node loads sooner. */
async function program(name, entry, { output, ...options }) {
  const format = { format: 'cjs', entryFileNames: 'main.cjs', chunkFileNames: '[name].cjs' };
  await bundle(name, entry, { output: { ...format, ...output }, ...options });
  chmodSync(join(folder, name, 'main.cjs'), 0o755);
}

async function bundle(name, entry, { output, minify = false, plugins = [] }) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    plugins: [...plugins, bundledPackages(packages)],
    build: {
      ssr: entry,
      outDir: join(folder, name),
      emptyOutDir: true,
      target: 'node20',
      minify,
      rollupOptions: { output },
    },
    ssr: { noExternal: true },
  });
}

/** The packages that the bundles contain, each with its version and licence. */
function licences() {
  return [...packages].sort().map((each) => {
    const { name, version, license } = JSON.parse(readFileSync(join(each, 'package.json'), 'utf8'));
    return { name, version, license };
  });
}
