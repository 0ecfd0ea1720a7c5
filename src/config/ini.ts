/** One `key = value` of an INI text, and the line (from 1) where it stands. */
export interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** A line that is no section, no entry, no comment and not empty. */
export class IniError extends Error {
  override readonly name = 'IniError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const SECTION = /^\[([^\]]+)\]$/;
const ENTRY = /^([^=]+?)\s*=\s*(.*)$/;

/**
 * Reads INI text as VDSM's files are written: values are taken as they stand, without quotes or
 * comments behind them. Throws {@link IniError}.
 */
export function parseIni(text: string): IniEntry[] {
  const entries: IniEntry[] = [];
  let section: string | undefined;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const content = raw.trim();
    if (content === '' || /^[#;]/.test(content)) continue;
    const heading = SECTION.exec(content)?.[1];
    if (heading !== undefined) {
      section = heading.trim();
      continue;
    }
    const [, key, value] = ENTRY.exec(content) ?? [];
    if (key === undefined || value === undefined) {
      throw new IniError(index + 1, 'expected "[section]" or "key = value"');
    }
    if (section === undefined) throw new IniError(index + 1, 'expected a [section] first');
    entries.push({ section, key, value, line: index + 1 });
  }
  return entries;
}
