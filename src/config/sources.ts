import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { IniError, parseIni } from './ini.ts';
import { ConfigError, type Setting } from './setting.ts';

/** The settings of one file; throws {@link ConfigError} if it cannot be read, except for an absent optional one. */
export function fromFile(file: string, { optional = false } = {}): Setting[] {
  try {
    return parseIni(readFileSync(file, 'utf8')).map(({ line, ...entry }) => ({
      origin: `${file} line ${line}`,
      ...entry,
    }));
  } catch (error) {
    if (error instanceof IniError) {
      throw new ConfigError(`${file} line ${error.line}: ${error.message}.`, { cause: error });
    }
    if (optional && isAbsent(error)) return [];
    throw unreadable(file, error);
  }
}

/** The system's files below `root`: the main one, then the drop-ins of all three places by name, as VDSM does. */
export function fromSystem(root: string): Setting[] {
  const dropIns = ['usr/lib', 'run', 'etc'].flatMap((place) =>
    listed(join(root, place, 'vmemd/vmemd.conf.d')),
  );
  const order = (a: string, b: string): number =>
    basename(a) < basename(b) ? -1 : Number(basename(a) > basename(b));
  return [
    ...fromFile(join(root, 'etc/vmemd/vmemd.conf'), { optional: true }),
    ...dropIns.sort(order).flatMap((file) => fromFile(file)),
  ];
}

/** VMEMD_SECTION_KEY of the environment, for these sections; other names are somebody else's. */
export function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  sections: object,
): Setting[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const [, section, key] = /^VMEMD_([A-Z]+)_([A-Z0-9_]+)$/.exec(name) ?? [];
    if (value === undefined || section === undefined || key === undefined) return [];
    if (!Object.hasOwn(sections, section.toLowerCase())) return [];
    return [{ origin: name, section: section.toLowerCase(), key: key.toLowerCase(), value }];
  });
}

function listed(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
    return names.map((name) => join(folder, name));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw unreadable(folder, error);
  }
}

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const unreadable = (path: string, error: unknown): ConfigError =>
  new ConfigError(`${path} cannot be read: ${(error as Error).message}.`, { cause: error });
