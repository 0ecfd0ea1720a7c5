import { expectation, type Key } from '../../src/config/value.ts';
import { code, plain, table } from './markdown.ts';

type Keys = Readonly<Record<string, Readonly<Record<string, Key>>>>;

/** Returns one table per section of the configuration. */
export function configurationTables(keys: Keys): string {
  const sections = Object.entries(keys).map(([section, ofSection]) => {
    const rows = Object.entries(ofSection).map(([key, schema]) => [
      code(key),
      shown(schema.default) === '' ? '' : code(shown(schema.default)),
      plain(expectation(schema)),
      plain(schema.description),
      schema.change ?? 'restart',
    ]);
    const heads = ['key', 'default', 'value', 'meaning', 'change by'];
    return `## [${section}]\n\n${table(heads, rows)}`;
  });
  return sections.join('\n');
}

export function exampleConfiguration(keys: Keys): string {
  const sections = Object.entries(keys).map(([section, ofSection]) => {
    const lines = Object.entries(ofSection).map(
      ([key, schema]) =>
        `# ${schema.description}\n${`#${key} = ${shown(schema.default)}`.trimEnd()}\n`,
    );
    return `[${section}]\n${lines.join('\n')}`;
  });
  return `# vmemd reads this from /etc/vmemd/vmemd.conf. What is commented out is the default.\n\n${sections.join('\n')}`;
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));
