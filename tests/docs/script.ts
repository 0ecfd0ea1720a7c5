import type { Block, Page } from './markdown.ts';

/** What a line in place of a block's fences makes of its commands. */
interface Frame {
  readonly open: string;
  readonly close: string;
}

const FRAMES: Readonly<Record<string, Frame>> = {
  'in the checkout': { open: 'pushd "$CHECKOUT" >/dev/null', close: 'popd >/dev/null' },
  'keeps running': { open: '(', close: ') &' },
  fails: {
    open: 'shown() {',
    close: '}; if shown; then echo "line $LINENO: this should have failed" >&2; exit 1; fi',
  },
};

/** Whether a reader runs this block, and a test too. */
export const isRun = ({ language, marks }: Block): boolean =>
  language === 'sh' && !marks.some((mark) => mark.startsWith('not run: '));

/** Returns the marks of a block of commands that have no meaning. */
export const unknownMarks = ({ marks }: Block): readonly string[] =>
  marks.filter((mark) => !(mark in FRAMES) && !/^not run: \S/.test(mark));

/** Returns the page's commands as a script of bash, each on the line that it has on the page. */
export function scriptOf(page: Page): string {
  const lines = Array.from({ length: page.lineCount }, () => '');
  for (const block of page.blocks.filter(isRun)) {
    const frames = block.marks.flatMap((mark) => FRAMES[mark] ?? []);
    lines[block.line - 1] = frames.map(({ open }) => open).join('; ');
    lines.splice(block.line, block.lines.length, ...block.lines);
    lines[block.line + block.lines.length] = frames
      .map(({ close }) => close)
      .reverse()
      .join('; ');
  }
  return `${lines.join('\n')}\n`;
}
