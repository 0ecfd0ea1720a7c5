import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import { expect } from 'expect';
import { testApi } from './testApi.mjs';

const inPackages = `${sep}node_modules${sep}`;

/** Compiled files: what is loaded again need not be compiled again. */
const compiled = new Map();

const compile = (filename) =>
  transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  }).code;

/** Lets this process load TypeScript, as CommonJS so that it can be loaded again, and gives it our `@jest/globals`. */
export function installHooks() {
  Module._extensions['.ts'] = (module, filename) => {
    if (!compiled.has(filename)) compiled.set(filename, compile(filename));
    module._compile(compiled.get(filename), filename);
  };
  const load = Module._load;
  Module._load = (request, ...rest) => {
    if (request === '@jest/globals') return { ...testApi, expect };
    return load(request.startsWith('file:') ? fileURLToPath(request) : request, ...rest);
  };
}

/** Forgets all loaded modules but packages. */
export function unload() {
  for (const filename of Object.keys(Module._cache)) {
    if (!filename.includes(inPackages)) delete Module._cache[filename];
  }
}

/** Loads files of the working directory. */
export const require = createRequire(`${process.cwd()}/`);
