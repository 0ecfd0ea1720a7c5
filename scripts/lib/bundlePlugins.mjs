import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { root } from './run.mjs';

/** Replaces the module that reads the folder of the verbs by one that imports each: a bundle has no such folder. */
export const verbList = {
  name: 'verb-list',
  load(id) {
    if (id !== join(root, 'src/api/loadVerbs.ts')) return undefined;
    const files = readdirSync(join(root, 'src/verbs')).sort();
    const imports = files.map((file, index) => `import verb${index} from '../verbs/${file}';\n`);
    const entries = files.map((file, index) => `['${parse(file).name}', verb${index}],\n`);
    const code = `${imports.join('')}const verbs = new Map([\n${entries.join('')}]);
export const loadVerbs = () => Promise.resolve(verbs);\n`;
    return { code, moduleType: 'js' };
  },
};

/** Replaces OpenTelemetry, of which prom-client loads 67 modules for a metric that vmemd does not have. */
export const withoutOpenTelemetry = {
  name: 'without-opentelemetry',
  enforce: 'pre',
  resolveId: (id) => (id === '@opentelemetry/api' ? `\0${id}` : undefined),
  load: (id) => (id === '\0@opentelemetry/api' ? 'export {};' : undefined),
};

/** Escapes what is not ASCII: V8 keeps the text of a file that has a character beyond Latin-1 in twice the memory. */
export const ascii = {
  name: 'ascii',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      chunk.code = chunk.code.replace(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
  },
};

/** Collects the folders of the packages of which modules are in a bundle. */
export function bundledPackages(folders) {
  return {
    name: 'bundled-packages',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        for (const id of chunk.moduleIds ?? []) {
          const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
          if (folder !== undefined && !folder.includes('\0')) folders.add(folder);
        }
      }
    },
  };
}
