/** One `key = value`, with its line number from 1. */
export interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** A line that is neither a section, an entry, a comment nor empty. */
export interface IniMistake {
  readonly line: number;
  readonly message: string;
}

const SECTION = /^\[([^\]]+)\]$/;

/**
 * Parses INI text like VDSM's: values have no quotes, and no comments behind them. Returns mistakes beside all entries
 * that it can read.
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
    const equals = content.indexOf('=');
    if (heading !== undefined) section = heading.trim();
    else if (equals <= 0) {
      mistakes.push({ line, message: 'expected "[section]" or "key = value"' });
    } else if (section === undefined) {
      mistakes.push({ line, message: 'expected a [section] first' });
    } else {
      const [key, value] = [content.slice(0, equals).trim(), content.slice(equals + 1).trim()];
      entries.push({ section, key, value, line });
    }
  }
  return { entries, mistakes };
}
