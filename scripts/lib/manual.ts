import type { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { createProgram } from '../../src/vmemctl/program/program.ts';
import { filled, isVerbatim, paragraph, roff, type Term, term } from './roff.ts';

/** A command as its help describes it. */
interface Described {
  /** `vmemctl list`. */
  readonly name: string;
  readonly usage: string;
  readonly description: string;
  readonly aliases: readonly string[];
  /** Arguments and options of its own. */
  readonly terms: readonly Term[];
  /** What its help prints at the end, in paragraphs. */
  readonly after: readonly string[];
  readonly group: string;
}

/** The columns of a help text do not matter here: it is read in parts. */
const nowhere = Object.assign(new Writable(), { columns: 100 });

/** Returns the command line in parts: the program first, then its commands in the order of the help. */
function describeAll(): readonly [Described, ...Described[]] {
  const program = createProgram({
    stdout: nowhere,
    stderr: nowhere,
    run: () => () => Promise.resolve(),
  });
  const visible = program.createHelp().visibleCommands(program);
  const commands = visible.filter((each) => each.name() !== 'help');
  return [describe(program), ...commands.map(describe)];
}

function describe(command: Command): Described {
  const help = command.createHelp();
  const { parent } = command;
  const given = command.registeredArguments.filter(({ description }) => description !== '');
  const options = help.visibleOptions(command).filter(({ long }) => !parent || long !== '--help');
  return {
    name: parent ? `${parent.name()} ${command.name()}` : command.name(),
    usage: help.commandUsage(command).replace(/\|\S+/, ''),
    description: sentence(command.description() || command.summary()),
    aliases: command.aliases(),
    terms: [
      ...given.map((each): Term => [help.argumentTerm(each), help.argumentDescription(each)]),
      ...options.map((each): Term => [help.optionTerm(each), help.optionDescription(each)]),
    ],
    after: paragraphsAfter(command),
    group: command.helpGroup().replace(/:$/, '') || 'Other commands',
  };
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;

function paragraphsAfter(command: Command): readonly string[] {
  let text = '';
  // where commander's typings leave out that a command is one
  const emitter = command as unknown as EventEmitter;
  emitter.emit('afterHelp', { error: false, command, write: (more: string) => (text += more) });
  return text
    .split(/\n\n+/)
    .map((each) => each.trimEnd().replace(/^\n+/, ''))
    .filter((each) => each !== '');
}

/** Returns the commands as a part of a Markdown page. */
export function reference(): string {
  const [program, ...commands] = describeAll();
  const parts = commands.map((each) =>
    [
      `### ${each.name}`,
      each.description,
      ...aliasesOf(each),
      fence(each.usage),
      ...rest(each),
    ].join('\n\n'),
  );
  return [`### Options of every command`, ...rest({ ...program, after: [] }), ...parts, ''].join(
    '\n\n',
  );
}

const rest = ({ terms, after }: Pick<Described, 'terms' | 'after'>): readonly string[] => [
  ...(terms.length === 0 ? [] : [table(terms)]),
  ...after.map((each) => (isVerbatim(each) ? fence(each) : each)),
];

const aliasesOf = ({ aliases }: Described): readonly string[] =>
  aliases.length === 0 ? [] : [`Also: ${aliases.map((each) => `\`${each}\``).join(', ')}.`];

const fence = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;

/** Returns a table that Prettier leaves alone: it would pad each cell to the longest one. */
function table(terms: readonly Term[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = terms.map(([term, description]) => `| \`${cell(term)}\` | ${cell(description)} |`);
  return [
    '<!-- prettier-ignore -->',
    '| argument or option | what it is |',
    '| --- | --- |',
    ...rows,
  ].join('\n');
}

/** Returns the manual page, in the macros of man(7). */
export function manualPage(version: string): string {
  const [program, ...commands] = describeAll();
  const groups = new Map<string, Described[]>();
  for (const each of commands) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  const sections = [...groups].map(([group, members]) =>
    [`.SH ${roff(group.toUpperCase())}`, ...members.map(pageOf)].join('\n'),
  );
  return `${[
    `.TH VMEMCTL 1 "" "vmemd ${version}" "User Commands"`,
    `.SH NAME\nvmemctl \\- ${roff(program.description.charAt(0).toLowerCase() + program.description.slice(1, -1))}`,
    `.SH SYNOPSIS\n.B vmemctl\n${roff(program.usage.replace(/^vmemctl /, ''))}`,
    `.SH DESCRIPTION\n${program.after.map(paragraph).join('\n.PP\n')}`,
    `.SH OPTIONS\n${program.terms.map(term).join('\n')}`,
    ...sections,
    `.SH SEE ALSO\n.BR virsh (1)`,
  ].join('\n')}\n`;
}

const pageOf = ({ name, usage, description, terms, after }: Described): string =>
  [
    `.SS ${roff(name)}`,
    `.B ${roff(usage)}`,
    `.PP\n${filled(description)}`,
    ...terms.map(term),
    ...after.map((each) => `.PP\n${paragraph(each)}`),
  ].join('\n');
