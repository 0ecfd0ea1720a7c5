/** One `key = value` of an INI text, and the line (from 1) where it stands. */
export interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** A line that is no section, no entry, no comment and not empty. */
export interface IniMistake {
  readonly line: number;
  readonly message: string;
}

const SECTION = /^\[([^\]]+)\]$/;
const ENTRY = /^([^=]+?)\s*=\s*(.*)$/;

/**
 * Reads INI text as VDSM's files are written: values are taken as they stand, without quotes or
 * comments behind them. What is wrong is told beside what could be read.
 */
export function parseIni(text: string): { entries: IniEntry[]; mistakes: IniMistake[] } {
  const entries: IniEntry[] = [];
  const mistakes: IniMistake[] = [];
  let section: string | undefined;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const content = raw.trim();
    const line = index + 1;
    if (content === '' || /^[#;]/.test(content)) continue;
    const heading = SECTION.exec(content)?.[1];
    const [, key, value] = ENTRY.exec(content) ?? [];
    if (heading !== undefined) section = heading.trim();
    else if (key === undefined || value === undefined) {
      mistakes.push({ line, message: 'expected "[section]" or "key = value"' });
    } else if (section === undefined) {
      mistakes.push({ line, message: 'expected a [section] first' });
    } else entries.push({ section, key, value, line });
  }
  return { entries, mistakes };
}
