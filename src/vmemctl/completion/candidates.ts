import type { Argument, Command } from 'commander';
import { firstClause } from '../vdsm/firstClause.ts';
import type { MethodContract } from '../vdsm/methods.ts';
import { optionsOf, type Place } from './place.ts';

/** A word that may stand at the cursor. */
export interface Candidate {
  readonly word: string;
  /** What it means. */
  readonly help?: string;
}

/** What is looked up only when it is needed. */
export interface Sources {
  readonly vmNames: () => Promise<readonly string[]>;
  readonly methods: (namespace?: string) => Promise<readonly MethodContract[]>;
}

/** Returns the words that may stand at a place and begin with `begun`; none where a file may stand. */
export async function candidatesAt(
  place: Place,
  begun: string,
  sources: Sources,
): Promise<readonly Candidate[]> {
  const all = await allAt(place, begun, sources);
  return all.filter(({ word }) => word.startsWith(begun));
}

async function allAt(place: Place, begun: string, sources: Sources): Promise<readonly Candidate[]> {
  const { command, operands, pending } = place;
  if (pending) return wordsOf(pending.argChoices);
  if (begun.startsWith('-')) return optionsAt(command);
  if (command.commands.length > 0 && operands.length === 0) return commandsOf(command);
  return argumentsAt(place, begun, sources);
}

async function argumentsAt(
  { command, operands }: Place,
  begun: string,
  sources: Sources,
): Promise<readonly Candidate[]> {
  const argument = argumentAt(command, operands.length);
  if (argument?.argChoices) return wordsOf(argument.argChoices);
  switch (argument?.name()) {
    case 'vm':
      return wordsOf(await sources.vmNames());
    case 'method':
      return methodsAt(command.name(), sources);
    case 'name=value':
      return paramsAt(`${command.name()}.${operands[0] ?? ''}`, begun, sources);
    default:
      return [];
  }
}

function argumentAt(command: Command, index: number): Argument | undefined {
  const known = command.registeredArguments;
  const last = known.at(-1);
  return known[index] ?? (last?.variadic ? last : undefined);
}

const wordsOf = (words: readonly string[] = []): readonly Candidate[] =>
  words.map((word) => ({ word }));

const commandsOf = (command: Command): readonly Candidate[] => {
  const help = command.createHelp();
  return help
    .visibleCommands(command)
    .map((each) => ({ word: each.name(), help: help.subcommandDescription(each) }));
};

const optionsAt = (command: Command): readonly Candidate[] => [
  ...optionsOf(command)
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', help: description })),
  { word: '--help', help: 'print help' },
];

/** `vmemctl call` names methods in full, `vmemctl VM` by their verbs. */
async function methodsAt(command: string, { methods }: Sources): Promise<readonly Candidate[]> {
  const isCall = command === 'call';
  const found = await methods(isCall ? undefined : command);
  return found.map(({ name, description }) => ({
    word: isCall ? name : name.slice(command.length + 1),
    help: firstClause(description),
  }));
}

async function paramsAt(
  method: string,
  begun: string,
  { methods, vmNames }: Sources,
): Promise<readonly Candidate[]> {
  if (begun.startsWith('vmID=')) return wordsOf((await vmNames()).map((name) => `vmID=${name}`));
  const found = (await methods()).find(({ name }) => name === method);
  return Object.keys(found?.params ?? {}).map((name) => ({ word: `${name}=` }));
}
