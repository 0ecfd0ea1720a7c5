/** Returns text of others for a message: on one line, without what moves a terminal's cursor, and not long. */
export function brief(text: string, most = 80): string {
  const characters = Array.from(text.slice(0, 2 * most));
  const isLong = text.length > 2 * most || characters.length > most;
  const shown = characters.slice(0, most).join('');
  const escaped = JSON.stringify(shown).slice(1, -1);
  return escaped.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, hexadecimal) + (isLong ? '…' : '');
}

const hexadecimal = (character: string): string =>
  `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
