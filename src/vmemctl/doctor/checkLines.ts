import type { Check } from './check.ts';
import type { Look } from '../output/look.ts';
import { cut, pad, printable, widthOf, wrap } from '../output/width.ts';
import { counted } from '../views/figures.ts';

const FORMATS = { ok: 'green', info: 'dim', warn: 'yellow', fail: 'red' } as const;
const STATE = 4;
const WIDEST_NAME = 24;

/** Returns findings, one each, and how many there are of those that ask for something. */
export function checkLines(host: string, checks: readonly Check[], look: Look): string[] {
  const names = checks.map(({ name }) => widthOf(printable(name)));
  const width = Math.min(
    WIDEST_NAME,
    Math.max(0, ...names),
    Math.floor((look.columns ?? Infinity) / 3),
  );
  const before = STATE + 2 + width + 2;
  const room = look.columns === undefined ? undefined : look.columns - before;
  const lines = checks.flatMap(({ name, state, text }) => {
    const [first = '', ...more] = wrap(printable(text), room);
    const short = pad(cut(printable(name), width, { mark: look.unicode ? '…' : '~' }), width);
    const head = `${look.style(FORMATS[state], pad(state, STATE))}  ${look.style('bold', short)}`;
    return [`${head}  ${first}`, ...more.map((line) => ' '.repeat(before) + line)];
  });
  return [look.style('bold', printable(host)), ...lines, summary(checks)];
}

function summary(checks: readonly Check[]): string {
  const count = (state: Check['state']): number =>
    checks.filter((each) => each.state === state).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (failed + warned === 0) return 'nothing is wrong';
  return `${counted(failed, 'failure')}, ${counted(warned, 'warning')}`;
}
