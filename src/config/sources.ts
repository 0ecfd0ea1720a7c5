import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brief } from '../common/brief.ts';
import { messageOf } from '../common/messageOf.ts';
import { parseIni, type IniEntry } from './ini.ts';
import type { Report, Setting } from './setting.ts';

/** Reads a file's settings. An unreadable file is a mistake, unless it is optional and missing. */
export function fromFile(file: string, report: Report, { optional = false } = {}): Setting[] {
  const text = contents(file, report, optional);
  const { entries, mistakes } = parseIni(text);
  for (const { line, message } of mistakes) report(`${file} line ${line}: ${message}.`);
  for (const [entry, earlier] of repeated(entries)) {
    const { section, key, line } = entry;
    report(
      `${file} line ${line}: [${brief(section)}] ${brief(key)} is given a second time, after line ${earlier}.`,
    );
  }
  return entries.map(({ line, ...entry }) => ({
    origin: `${brief(file, 300)} line ${line}`,
    ...entry,
  }));
}

/**
 * Reads the system's files below `root`: the main file, then the drop-ins of all three folders sorted by name, as VDSM
 * does.
 */
export function fromSystem(root: string, report: Report): Setting[] {
  const dropIns = ['usr/lib', 'run', 'etc'].flatMap((place) =>
    listed(join(root, place, 'vmemd/vmemd.conf.d'), report),
  );
  const order = (a: string, b: string): number =>
    basename(a) < basename(b) ? -1 : Number(basename(a) > basename(b));
  return [
    ...fromFile(join(root, 'etc/vmemd/vmemd.conf'), report, { optional: true }),
    ...dropIns.sort(order).flatMap((file) => fromFile(file, report)),
  ];
}

/** Reads VMEMD_SECTION_KEY from the environment. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Setting[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const [, section, key] = /^VMEMD_([a-z]+)_(\w+)$/i.exec(name) ?? [];
    if (value === undefined || section === undefined || key === undefined) return [];
    if (OTHERS.test(name)) return [];
    return [{ origin: brief(name), section: section.toLowerCase(), key: key.toLowerCase(), value }];
  });
}

/** Variables of the tests, and those that Kubernetes sets for a service named vmemd. */
const OTHERS = /^VMEMD_(TEST|SERVICE|PORT)_/;

/** Returns each repeated entry with the line of the previous one. */
function repeated(entries: readonly IniEntry[]): [IniEntry, number][] {
  const seen = new Map<string, number>();
  return entries.flatMap((entry) => {
    const name = `[${entry.section}] ${entry.key}`;
    const earlier = seen.get(name);
    seen.set(name, entry.line);
    return earlier === undefined ? [] : [[entry, earlier]];
  });
}

function contents(file: string, report: Report, optional: boolean): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!(optional && isAbsent(error))) report(unreadable(file, error));
    return '';
  }
}

function listed(folder: string, report: Report): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
    return names.map((name) => join(folder, name));
  } catch (error) {
    if (!isAbsent(error)) report(unreadable(folder, error));
    return [];
  }
}

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const unreadable = (path: string, error: unknown): string =>
  `${brief(path, 300)} cannot be read: ${messageOf(error).replace(/, \w+ '.*'$/s, '')}.`;
