/** A metric, its name ending in its unit, and what of it each subject has; undefined where that is not known. */
export interface Family<T> {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly value: (subject: T) => number | undefined;
}

/** What has metrics, with its labels as {@link labelText} writes them; empty for what is there once. */
export interface Labelled {
  readonly labels: string;
}

/** Of Prometheus' text format, the one that all its versions read. */
export const MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The families in Prometheus' text format. VMs have tens of thousands of series that come and go, so they are written
 * as they are read and kept nowhere.
 */
export function exposition<T extends Labelled>(
  families: readonly Family<T>[],
  subjects: readonly T[],
): string {
  let text = '';
  for (const { name, type, help, value } of families) {
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const subject of subjects) {
      const known = value(subject);
      if (known !== undefined) text += `${name}${subject.labels} ${String(known)}\n`;
    }
  }
  return text;
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
