import type { Client } from '../client/index.ts';
import { CommandError, Exit } from './exit.ts';
import { findVm, nameOf } from './names/findVm.ts';
import { type Look, lookOf } from './output/look.ts';
import { printable } from './output/width.ts';
import type { Session } from './session.ts';
import { vdsmJson } from './vdsmJson.ts';
import type { Overview, VmGlance } from './views/answers.ts';

/** Returns how data for people look. */
export const lookOfData = ({ world, options }: Session): Look =>
  lookOf(world.stdout, envOf(world.env, options));

/** Returns how words for people look. */
export const lookOfWords = ({ world, options }: Session): Look =>
  lookOf(world.stderr, envOf(world.env, options));

const envOf = (env: Session['world']['env'], { color }: Session['options']): typeof env =>
  color ? env : { ...env, NO_COLOR: '1', FORCE_COLOR: '' };

/** Prints the answer of the daemon with --json, or lines for people. */
export function show(
  session: Session,
  answer: unknown,
  lines: (look: Look) => readonly string[],
): void {
  if (session.options.json) session.print(vdsmJson(answer));
  else for (const line of lines(lookOfData(session))) session.print(line);
}

/** Writes a line of words for people; nothing with --json. */
export function tell(session: Session, line: string): void {
  if (!session.options.json) session.note(line);
}

/** A VM that a person named. */
export interface Chosen {
  readonly client: Client;
  readonly vm: VmGlance;
  readonly overview: Overview;
  /** The name for messages. */
  readonly name: string;
}

/** Finds the VM that a person names; throws {@link CommandError}. */
export async function chooseVm({ client }: Session, word: string): Promise<Chosen> {
  const overview = await client.call('Host.getOverview');
  const found = findVm(word, overview.vms);
  if (found.vm) return { client, overview, vm: found.vm, name: printable(nameOf(found.vm)) };
  const { message, reason } = found;
  throw new CommandError(printable(message), reason === 'ambiguous' ? Exit.usage : Exit.failed);
}
