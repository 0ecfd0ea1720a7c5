import { environmentOf, resolveAddress, type Environment } from './address.ts';
import type { Caller, CallOptions } from './caller.ts';
import type { Channel, ChannelOptions } from './channel.ts';
import { connectDaemon } from './connectDaemon.ts';
import type { UnreachableError } from './error.ts';
import { events, type DomainEvent } from './events.ts';
import { Host } from './host.ts';
import { procedures, type Procedure } from './procedures.ts';
import type { DomainRef } from './protocol.ts';

/** Times are in milliseconds. */
export interface OpenOptions extends Pick<
  ChannelOptions,
  'timeout' | 'keepAlive' | 'timers' | 'onProblem'
> {
  /** Whether libvirt refuses all changes on this connection. */
  readonly readOnly?: boolean | undefined;
  /** The variables that decide where the sockets of sessions are; those of this process by default. */
  readonly env?: Environment['env'] | undefined;
}

type EventOf<K extends DomainEvent['kind']> = Extract<DomainEvent, { readonly kind: K }>;
type Listener = (event: DomainEvent) => void;
type CloseListener = (reason: UnreachableError) => void;

/** One connection to a libvirt daemon. It does not reconnect; `Client` does. */
export class Connection extends Host implements Caller {
  readonly #channel: Channel;
  readonly #listeners: Map<number, Listener>;
  readonly #closeListeners: Set<CloseListener>;

  private constructor(
    channel: Channel,
    listeners: Map<number, Listener>,
    closeListeners: Set<CloseListener>,
  ) {
    super(channel);
    this.#channel = channel;
    this.#listeners = listeners;
    this.#closeListeners = closeListeners;
  }

  /**
   * Connects to the daemon of a local URI: `qemu:///system`, `qemu:///session`, `test:///default`, with `?socket=/path`
   * for a socket elsewhere. Throws LibvirtError.
   */
  static async open(uri: string, { env, ...options }: OpenOptions = {}): Promise<Connection> {
    const listeners = new Map<number, Listener>();
    const closeListeners = new Set<CloseListener>();
    const channel = await connectDaemon(resolveAddress(uri, environmentOf(env)), {
      ...options,
      // Afterwards, as the reply with the id of the registration may have come in the same read as the event.
      onEvent: (event, callback) => queueMicrotask(() => listeners.get(callback)?.(event)),
      onClose: (reason) => {
        for (const listener of closeListeners) listener(reason);
      },
    });
    return new Connection(channel, listeners, closeListeners);
  }

  /** Sends any procedure, one of `procedures` or another. */
  call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions): Promise<R> {
    return this.#channel.call(procedure, args, options);
  }

  isAlive(): boolean {
    return this.#channel.isOpen;
  }

  /** Pending calls fail. */
  close(): void {
    this.#channel.close();
  }

  /** Calls `listener` once, when the connection was lost or closed. */
  registerCloseCallback(listener: CloseListener): void {
    this.#closeListeners.add(listener);
  }

  unregisterCloseCallback(listener: CloseListener): void {
    this.#closeListeners.delete(listener);
  }

  /**
   * Calls `listener` for each event of this kind, of this domain or of all. Returns the id of the registration. Throws
   * LibvirtError 8 or 3 if the daemon does not know the kind.
   */
  async domainEventRegisterAny<K extends DomainEvent['kind']>(
    domain: DomainRef | undefined,
    kind: K,
    listener: (event: EventOf<K>) => void,
    options?: CallOptions,
  ): Promise<number> {
    const args = { event: events[kind].id, dom: domain };
    const callback = await this.#channel.call(procedures.eventCallbackRegisterAny, args, options);
    this.#listeners.set(callback, listener as Listener);
    return callback;
  }

  async domainEventDeregisterAny(callback: number, options?: CallOptions): Promise<void> {
    this.#listeners.delete(callback);
    await this.#channel.call(procedures.eventCallbackDeregisterAny, callback, options);
  }
}
