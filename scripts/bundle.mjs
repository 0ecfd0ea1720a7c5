import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { ascii, bundledPackages, verbList, withoutOpenTelemetry } from './lib/bundlePlugins.mjs';
import { root } from './lib/run.mjs';

// Makes in dist/, or in the folder that is named, what is installed: each program and library with all packages that it
// needs in one file, or a few, as loading hundreds takes longer than what they do.
const [folder = join(root, 'dist')] = process.argv.slice(2);
/** The folders of the packages that are bundled; these are of the page, which is built by itself. */
const packages = new Set(['preact', 'uplot'].map((name) => join(root, 'node_modules', name)));

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
const licences = [...packages].sort().map(licenceOf);
const list = licences.map(({ text: _, ...each }) => each);
writeFileSync(join(folder, 'packages.json'), `${JSON.stringify(list, null, 2)}\n`);
const texts = licences.map(({ name, version, text }) => `${name} ${version}\n\n${text.trim()}\n`);
writeFileSync(join(folder, 'licences.txt'), texts.join(`\n${'-'.repeat(72)}\n\n`));

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

/** A package's version and licence, with its text, which copies of the package must have. */
function licenceOf(path) {
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const full = file === undefined ? `Licence: ${license}` : readFileSync(join(path, file), 'utf8');
  return { name, version, license, text: license === 'Apache-2.0' ? apache(full) : full };
}

/** The text of this licence is vmemd's own. */
function apache(text) {
  const [holder = ''] = /^\s*Copyright \d.*$/m.exec(text) ?? [];
  return `${holder.trim()}\n\nApache License, version 2.0, as vmemd itself.`;
}
