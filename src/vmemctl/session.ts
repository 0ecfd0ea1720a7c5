import type { Client } from '../client/index.ts';
import { UsageError } from './exit.ts';
import type { GlobalOptions } from './globals.ts';
import type { World } from './world.ts';

/** A daemon that a command works with. */
export interface Host {
  /** Its name for people. */
  readonly name: string;
  readonly client: Client;
}

/** What a command works with. */
export class Session {
  readonly world: World;
  readonly options: GlobalOptions;
  /** The hosts that the user named, or this machine; not connected to yet. */
  readonly hosts: readonly Host[];

  constructor(world: World, options: GlobalOptions, hosts: readonly Host[]) {
    this.world = world;
    this.options = options;
    this.hosts = hosts;
  }

  /** The client of the only host; throws {@link UsageError} if there are several. */
  get client(): Client {
    const [first, ...others] = this.hosts;
    if (first && others.length === 0) return first.client;
    throw new UsageError('This command works on one host: name one by --host.');
  }

  /** Writes a line of data. */
  print(text: string): void {
    this.world.stdout.write(`${text}\n`);
  }

  /** Writes a line of words. */
  note(text: string): void {
    this.world.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map(({ client }) => client.close()));
  }
}
