/** A metric, its name ending in its unit; `value` is undefined if it is not known for the subject. */
export interface Family<T> {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly value: (subject: T) => number | undefined;
}

/** A subject of metrics, with its labels as {@link labelText} writes them; empty for a subject that exists once. */
export interface Labelled {
  readonly labels: string;
}

/** The version of Prometheus' text format that all its releases read. */
export const MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Returns the families in Prometheus' text format, as {@link expositionPieces} writes them. */
export const exposition = <T extends Labelled>(
  families: readonly Family<T>[],
  subjects: readonly T[],
): string => [...expositionPieces(families, subjects)].join('');

/** Subjects of a piece. */
const SUBJECTS = 100;

/**
 * Writes the families in Prometheus' text format, in pieces of so many subjects. VMs have tens of thousands of series that come and go,
 * so values are read while the page is written and not stored.
 */
export function* expositionPieces<T extends Labelled>(
  families: readonly Family<T>[],
  subjects: readonly T[],
): Iterable<string> {
  for (const family of families) {
    yield headOf(family);
    for (const some of slicesOf(subjects)) yield linesOf(family, some);
  }
}

/** As {@link expositionPieces}, for a family of which each subject has several series, which are made for a piece at a time. */
export function* seriesPieces<S, T extends Labelled>(
  family: Family<T>,
  subjects: readonly S[],
  seriesOf: (subject: S) => readonly T[] | T,
): Iterable<string> {
  yield headOf(family);
  for (const some of slicesOf(subjects)) yield linesOf(family, some.flatMap(seriesOf));
}

const headOf = <T>({ name, type, help }: Family<T>): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

function* slicesOf<S>(subjects: readonly S[]): Iterable<readonly S[]> {
  for (let first = 0; first < subjects.length; first += SUBJECTS)
    yield subjects.slice(first, first + SUBJECTS);
}

function linesOf<T extends Labelled>({ name, value }: Family<T>, subjects: readonly T[]): string {
  let lines = '';
  for (const subject of subjects) {
    const known = value(subject);
    if (known !== undefined) lines += `${name}${subject.labels} ${String(known)}\n`;
  }
  return lines;
}

/** Returns labels as they follow a name: `{domain="web"}`. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  let text = '';
  // names alone take less time than entries, for each VM of each page
  for (const name of Object.keys(labels))
    text += `${text && ','}${name}="${escaped(labels[name] ?? '')}"`;
  return `{${text}}`;
}

const escaped = (value: string): string =>
  /[\\"\n]/.test(value) ?
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  : value;
