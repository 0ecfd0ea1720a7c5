/** The sections of Keep a Changelog 1.1.0. */
const SECTIONS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

const UNRELEASED = '## [Unreleased]';
const RELEASE = /^## \[(\d+\.\d+\.\d+(?:-[\w.]+)?)\] - (\d{4}-\d{2}-\d{2})$/;

interface Entry {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Splits the text at its headings of this level. */
function split(lines: readonly string[], mark: string): readonly [readonly string[], Entry[]] {
  const starts = lines.flatMap((line, index) => (line.startsWith(`${mark} `) ? [index] : []));
  const entries = starts.map((start, index) => ({
    title: lines[start] ?? '',
    lines: lines.slice(start + 1, starts[index + 1]),
  }));
  return [lines.slice(0, starts[0] ?? lines.length), entries];
}

const isBlank = (line: string): boolean => line.trim() === '';

/** Returns what is not as Keep a Changelog has it, a sentence each. */
export function complaintsOf(text: string): string[] {
  const [head, releases] = split(text.split('\n'), '##');
  const found: string[] = [];
  if (head[0] !== '# Changelog') found.push('The first line is not: # Changelog');
  const [first, ...dated] = releases;
  if (first?.title !== UNRELEASED) found.push(`The first section is not: ${UNRELEASED}`);
  for (const { title } of dated) {
    if (!RELEASE.test(title)) found.push(`Not "## [X.Y.Z] - YYYY-MM-DD": ${title}`);
  }
  const versions = dated.flatMap(({ title }) => RELEASE.exec(title)?.[1] ?? []);
  versions.forEach((version, index) => {
    const newer = versions[index - 1];
    if (newer !== undefined && compareVersions(newer, version) <= 0) {
      found.push(`${version} stands below ${newer}, which is not newer.`);
    }
  });
  for (const release of releases) found.push(...complaintsOfRelease(release));
  return found;
}

function complaintsOfRelease({ title, lines }: Entry): string[] {
  const [outside, sections] = split(lines, '###');
  const names = sections.map((section) => section.title.slice(4));
  return [
    ...outside.filter((line) => !isBlank(line)).map((line) => `${title}: in no section: ${line}`),
    ...names
      .filter((name) => !SECTIONS.includes(name))
      .map((name) => `${title}: ${name} is none of ${SECTIONS.join(', ')}.`),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `${title}: there is more than one section ${name}.`),
    ...sections
      .filter((section) => !section.lines.some((line) => line.startsWith('- ')))
      .map((section) => `${title}: the section ${section.title.slice(4)} is empty.`),
  ];
}

/** Returns what is to be released, without its heading; empty if there is nothing. */
export function unreleased(text: string): string {
  const [, releases] = split(text.split('\n'), '##');
  const lines = releases.find(({ title }) => title === UNRELEASED)?.lines ?? [];
  return lines.some((line) => line.startsWith('- ')) ? lines.join('\n').trim() : '';
}

/** Returns the changelog in which what was unreleased belongs to a version of this day, `YYYY-MM-DD`. */
export const released = (text: string, version: string, day: string): string =>
  text.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## [${version}] - ${day}\n`);

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-([\w.]+))?$/;

export const isVersion = (text: string): boolean => VERSION.test(text);

/** Returns a number below 0 if `a` is older than `b`; a pre-release is older than its release. */
export function compareVersions(a: string, b: string): number {
  const [, ...left] = VERSION.exec(a) ?? [];
  const [, ...right] = VERSION.exec(b) ?? [];
  for (const index of [0, 1, 2]) {
    const difference = Number(left[index]) - Number(right[index]);
    if (difference !== 0) return difference;
  }
  if (left[3] === right[3]) return 0;
  if (left[3] === undefined) return 1;
  if (right[3] === undefined) return -1;
  return left[3].localeCompare(right[3], 'en', { numeric: true });
}
