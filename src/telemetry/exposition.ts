/** One series of a family: its labels as {@link labelText} writes them, and its value now. */
export type Series = readonly [labels: string, value: number];

/** A metric: its name with its unit, and the series that each subject has of it; none for what is not known. */
export interface Family<T> {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly series: (subject: T) => readonly Series[];
}

/** The series that has this value, or none where it is not known. */
export const seriesOf = (value: number | undefined, labels = ''): readonly Series[] =>
  value === undefined ? [] : [[labels, value]];

/** Of Prometheus' text format, the one that all its versions read. */
export const MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The families in Prometheus' text format. VMs have tens of thousands of series that come and go, so they are written
 * as they are read and kept nowhere.
 */
export function exposition<T>(families: readonly Family<T>[], subjects: readonly T[]): string {
  const lines: string[] = [];
  for (const { name, type, help, series } of families) {
    lines.push(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    for (const subject of subjects) {
      for (const [labels, value] of series(subject)) {
        lines.push(`${name}${labels} ${String(value)}\n`);
      }
    }
  }
  return lines.join('');
}

/** Labels as they stand behind a name: `{domain="web"}`. */
export const labelText = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;

const escaped = (value: string): string =>
  /[\\"\n]/.test(value) ?
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  : value;
