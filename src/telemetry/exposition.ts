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

/** Of a piece of {@link expositionPieces}. */
const SUBJECTS = 100;

/**
 * Writes the families in Prometheus' text format, in pieces of so many subjects. VMs have tens of thousands of series that come and go,
 * so values are read while the page is written and not stored.
 */
export function* expositionPieces<T extends Labelled>(
  families: readonly Family<T>[],
  subjects: readonly T[],
): Iterable<string> {
  for (const { name, type, help, value } of families) {
    let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const [index, subject] of subjects.entries()) {
      const known = value(subject);
      if (known !== undefined) text += `${name}${subject.labels} ${String(known)}\n`;
      if (index % SUBJECTS !== SUBJECTS - 1) continue;
      yield text;
      text = '';
    }
    yield text;
  }
}

/** Returns labels as they follow a name: `{domain="web"}`. */
export const labelText = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;

const escaped = (value: string): string =>
  /[\\"\n]/.test(value) ?
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  : value;
