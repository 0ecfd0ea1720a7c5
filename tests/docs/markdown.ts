/** A fenced block of code on a page. */
export interface Block {
  /** The language of its fence, empty if there is none. */
  readonly language: string;
  /** The line of its opening fence, counted from 1. */
  readonly line: number;
  /** Its lines, without the fences. */
  readonly lines: readonly string[];
  /** The comments right before it, such as `not run: needs an engine`. */
  readonly marks: readonly string[];
}

/** A page as its readers use it. */
export interface Page {
  readonly lineCount: number;
  readonly blocks: readonly Block[];
  /** The lines of code by indentation, which no test could run. */
  readonly indented: readonly number[];
  /** The comments of the page outside of blocks, such as `runs on: libvirt`. */
  readonly marks: readonly string[];
}

const FENCE = /^ *(`{3,})(\w*)\s*$/;
const MARK = /^ *<!-- (.+) -->$/;

/** Returns the blocks and marks of a page in Markdown; throws if a fence is not closed. */
export function readPage(text: string): Page {
  const all = text.replace(/\n$/, '').split('\n');
  const blocks: Block[] = [];
  const indented: number[] = [];
  const marks: string[] = [];
  let pending: string[] = [];
  for (let index = 0; index < all.length; index += 1) {
    const line = all[index] ?? '';
    const [, fence, language = ''] = FENCE.exec(line) ?? [];
    if (fence !== undefined) {
      const end = all.findIndex((other, at) => at > index && other.trim() === fence);
      if (end < 0) throw new Error(`the block of line ${String(index + 1)} is not closed`);
      const lines = all.slice(index + 1, end);
      blocks.push({ language, line: index + 1, lines, marks: pending });
      pending = [];
      index = end;
      continue;
    }
    const mark = MARK.exec(line)?.[1];
    if (mark !== undefined) pending.push(mark);
    else if (line.trim() !== '') marks.push(...pending.splice(0));
    if (isCodeByIndentation(all, index)) indented.push(index + 1);
  }
  return { lineCount: all.length, blocks, indented, marks: [...marks, ...pending] };
}

/** Whether this line is code by its four blanks after an empty line that ends no item of a list. */
function isCodeByIndentation(lines: readonly string[], index: number): boolean {
  if (!/^ {4}\S/.test(lines[index] ?? '') || lines[index - 1] !== '') return false;
  const before = lines.slice(0, index).findLast((line) => line !== '');
  return before !== undefined && !/^ *([-*]|\d+\.) /.test(before);
}
