import type { Command, Option } from 'commander';

/** Where in a command line the cursor is. */
export interface Place {
  readonly command: Command;
  /** What precedes it for this command, without options. */
  readonly operands: readonly string[];
  /** The option that waits for its value. */
  readonly pending: Option | undefined;
  /** Values of the options that precede it, by their names in the program. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Follows the words before the cursor, without the program's name. */
export function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let operands: string[] = [];
  let pending: Option | undefined;
  let isOver = false;
  const values: Record<string, unknown> = {};
  for (const word of words) {
    if (pending) {
      keep(values, pending, word);
      pending = undefined;
    } else if (isOver || !word.startsWith('-') || word === '-') {
      const next = operands.length === 0 ? subcommand(command, word) : undefined;
      if (next) command = next;
      else operands = [...operands, word];
    } else if (word === '--') {
      isOver = true;
    } else {
      pending = takeOption(command, word, values);
    }
  }
  return { command, operands, pending, values };
}

/** Returns the option that needs the next word. */
function takeOption(
  command: Command,
  word: string,
  values: Record<string, unknown>,
): Option | undefined {
  const [flag = '', inline] = word.split(/=(.*)/s);
  const option = optionsOf(command).find(({ long, short }) => [long, short].includes(flag));
  if (!option) return undefined;
  if (!option.required) keep(values, option, true);
  else if (inline !== undefined) keep(values, option, inline);
  else return option;
  return undefined;
}

/** Keeps a value as the program would; leaves out one that it would refuse. */
function keep(values: Record<string, unknown>, option: Option, value: string | true): void {
  const name = option.attributeName();
  const before: unknown = values[name] ?? option.defaultValue;
  try {
    values[name] = value !== true && option.parseArg ? option.parseArg(value, before) : value;
  } catch {
    // the program says what is wrong with it when it is run
  }
}

/** Returns the options that a command knows, those of the program included. */
export const optionsOf = (command: Command): readonly Option[] =>
  command.parent ? [...command.options, ...optionsOf(command.parent)] : command.options;

/** What follows "help" is a command too. */
const subcommand = (command: Command, word: string): Command | undefined =>
  word === 'help' && command.commands.length > 0 ?
    command
  : command.commands.find((each) => each.name() === word || each.aliases().includes(word));
