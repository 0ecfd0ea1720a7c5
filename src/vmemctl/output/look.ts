import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];
/** Marks text for a terminal, or returns it as it is. */
export type Style = (format: Format, text: string) => string;

/** How output looks: what its reader can show. */
export interface Look {
  /** The width of the terminal; absent: there is none, and lines are as long as they are. */
  readonly columns?: number;
  /** Whether characters outside of ASCII are shown. */
  readonly unicode: boolean;
  readonly style: Style;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}
type Environment = Readonly<Record<string, string | undefined>>;

const NARROWEST = 20;
const USUAL = 80;

/** Returns how output to a stream looks. */
export function lookOf({ isTTY = false, columns = USUAL }: Stream, env: Environment): Look {
  return {
    // a terminal that does not know its width has the width 0
    ...(isTTY ? { columns: columns === 0 ? USUAL : Math.max(columns, NARROWEST) } : {}),
    unicode: isUnicode(env),
    style: wantsColour(isTTY, env) ? marked : plain,
  };
}

/** What stands between facts in a line. */
export const between = ({ unicode }: Pick<Look, 'unicode'>): string => (unicode ? ' · ' : ' - ');

export const plain: Style = (_, text) => text;
export const marked: Style = (format, text) => styleText(format, text, { validateStream: false });

/** As Node itself: FORCE_COLOR wins over NO_COLOR, which wins over the terminal. */
function wantsColour(isTTY: boolean, env: Environment): boolean {
  const { FORCE_COLOR: forced = '', NO_COLOR: refused = '', TERM: terminal } = env;
  if (forced !== '') return !['0', 'false'].includes(forced);
  if (refused !== '') return false;
  return isTTY && terminal !== 'dumb';
}

/** Whether the locale is UTF-8; without any locale it is C, which is ASCII. */
function isUnicode({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== '');
  return /utf-?8/i.test(locale ?? '');
}
