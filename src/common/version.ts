import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Returns the version from package.json. */
export const version = (): string =>
  (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string })
    .version;

/** Returns the folder of package.json, which lies above both src/ and dist/. */
export const packageFolder = (folder = import.meta.dirname): string =>
  existsSync(join(folder, 'package.json')) ? folder : packageFolder(dirname(folder));
