import { describe, expect, test } from '@jest/globals';
import { readPage } from './markdown.ts';
import { isRun, scriptOf, unknownMarks } from './script.ts';

const PAGE = `# A task

<!-- runs on: libvirt -->

Make one:

\`\`\`sh
vmemctl create first \\
  --memory 1G
\`\`\`

<!-- keeps running -->

\`\`\`sh
vmemctl events first
\`\`\`

<!-- not run: needs an engine -->

\`\`\`sh
engine-setup
\`\`\`

    vmemctl by indentation

- an item

    with a second paragraph

\`\`\`text
output
\`\`\`
`;

describe('a page', () => {
  const page = readPage(PAGE);

  test('has blocks with their languages, lines and marks', () => {
    expect(page.blocks.map(({ language, line, marks }) => ({ language, line, marks }))).toEqual([
      { language: 'sh', line: 7, marks: [] },
      { language: 'sh', line: 14, marks: ['keeps running'] },
      { language: 'sh', line: 20, marks: ['not run: needs an engine'] },
      { language: 'text', line: 30, marks: [] },
    ]);
  });

  test('has marks of its own', () => {
    expect(page.marks).toEqual(['runs on: libvirt']);
  });

  test('has code by indentation, unless that continues a list', () => {
    expect(page.indented).toEqual([24]);
  });

  test('that does not close a fence is refused', () => {
    expect(() => readPage('# T\n\n```sh\nvmemctl\n')).toThrow('line 3 is not closed');
  });
});

describe('the script of a page', () => {
  const page = readPage(PAGE);
  const lines = scriptOf(page).split('\n');

  test('has each command on its line', () => {
    expect(lines.slice(7, 9)).toEqual(['vmemctl create first \\', '  --memory 1G']);
    expect(lines.filter((line) => line !== '')).toHaveLength(5);
  });

  test('runs in the background what keeps running', () => {
    expect(lines.slice(13, 16)).toEqual(['(', 'vmemctl events first', ') &']);
  });

  test('lacks what is marked as not run', () => {
    expect(page.blocks.map(isRun)).toEqual([true, true, false, false]);
  });

  test('knows which marks have a meaning', () => {
    const [block] = readPage('<!-- keep runing -->\n\n```sh\nls\n```\n').blocks;
    expect(block && unknownMarks(block)).toEqual(['keep runing']);
    expect(page.blocks.flatMap(unknownMarks)).toEqual([]);
  });
});
