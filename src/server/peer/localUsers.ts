import type { Socket } from 'node:net';
import type { LocalUser } from '../../access/rule.ts';
import { localUser } from './localUser.ts';

/** Returns the local user at the other end of a connection; undefined if unknown. Never rejects. */
export type UserOf = (socket: Socket) => Promise<LocalUser | undefined>;

/** The local users at the other ends of connections; the kernel is asked once for each. */
export class LocalUsers {
  readonly #read: UserOf;
  readonly #known = new WeakMap<Socket, Promise<LocalUser | undefined>>();
  readonly #waits = new Set<() => void>();
  #isOver = false;

  constructor(read: UserOf = localUser) {
    this.#read = read;
  }

  readonly of: UserOf = (socket) => {
    const user = this.#known.get(socket) ?? this.#ask(socket);
    this.#known.set(socket, user);
    return user;
  };

  /** Ends all waits for the kernel, also those that begin later: who is not known yet stays unknown. */
  endWaits(): void {
    this.#isOver = true;
    for (const end of this.#waits) end();
    this.#waits.clear();
  }

  #ask(socket: Socket): Promise<LocalUser | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const giveUp = (): void => {
        resolve(undefined);
      };
      this.#waits.add(giveUp);
      void this.#read(socket).then((user) => {
        this.#waits.delete(giveUp);
        resolve(user);
      });
    });
  }
}
