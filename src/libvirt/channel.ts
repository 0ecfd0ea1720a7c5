import type { Socket } from 'node:net';
import type { Caller, CallOptions } from './caller.ts';
import { UnreachableError } from './error.ts';
import { decodeEvent, type DomainEvent } from './events.ts';
import {
  encodePacket,
  PacketReader,
  KEEPALIVE_PROGRAM,
  messageStatus,
  messageType,
  PROGRAM_VERSION,
  REMOTE_PROGRAM,
  type Packet,
} from './packet.ts';
import { KeepAlive, keepAlivePacket, keepAliveProcedure, type KeepAlivePace } from './keepAlive.ts';
import type { Lane, Needs, Ticket } from './lane.ts';
import { Limits } from './limits.ts';
import { pend, type Pending } from './pending.ts';
import { procedures, type Claim, type Procedure } from './procedures.ts';
import { nodeTimers, type Timers } from './timers.ts';

const DEFAULT_TIMEOUT = 60_000;
const DEFAULT_PACE: KeepAlivePace = { interval: 5000, count: 3 };
const SERIAL_MAX = 0xffff_ffff;

export interface ChannelOptions {
  /** Default time limit of a call in milliseconds; 60 000. */
  readonly timeout?: number | undefined;
  /** By default a silent daemon is pinged every 5 s and given up after 3 pings without a reply. */
  readonly keepAlive?: KeepAlivePace | undefined;
  readonly timers?: Timers | undefined;
  /** This connection's lane in the limits that one client's connections share. */
  readonly lane?: Lane | undefined;
  /** Called with the id of the registration that the event belongs to. */
  readonly onEvent?: ((event: DomainEvent, callback: number) => void) | undefined;
  /** Called once after the connection has closed; no calls are pending then. */
  readonly onClose?: ((reason: UnreachableError) => void) | undefined;
  /** Called for an unreadable message that belongs to no call. */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
}

/** A socket and the receiver of its bytes, which are valid only during the call. */
export interface Wire {
  readonly socket: Socket;
  receive: (bytes: Buffer) => void;
}

interface InFlight {
  readonly pending: Pending;
  readonly ticket: Ticket;
}

/** Concurrent calls and events over one socket; any error in the byte stream closes it. */
export class Channel implements Caller {
  readonly lane: Lane;
  readonly #socket: Socket;
  readonly #options: ChannelOptions;
  readonly #timers: Timers;
  readonly #packets = new PacketReader();
  readonly #calls = new Map<number, InFlight>();
  readonly #keepAlive: KeepAlive;
  #serial = 0;
  #closed: UnreachableError | undefined;

  constructor(wire: Wire, options: ChannelOptions = {}) {
    const { socket } = wire;
    this.#socket = socket;
    this.#options = options;
    this.#timers = options.timers ?? nodeTimers;
    this.lane = options.lane ?? new Limits().lane();
    this.#keepAlive = new KeepAlive(options.keepAlive ?? DEFAULT_PACE, this.#timers, {
      ping: () => socket.write(keepAlivePacket(keepAliveProcedure.ping)),
      dead: () => {
        this.#end('libvirt does not answer keepalive messages; it hangs');
      },
    });
    wire.receive = (bytes) => this.#receive(bytes);
    socket.on('error', (error) => {
      this.#end(`the connection to libvirt failed: ${error.message}`, error);
    });
    socket.on('close', () => this.#end('libvirt closed the connection'));
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  call<A, R>(procedure: Procedure<A, R>, args: A, options: CallOptions = {}): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (this.#closed) throw this.#closed;
      options.signal?.throwIfAborted();
      const serial = this.#nextSerial();
      const bytes = encodePacket(callHeader(procedure.number, serial), procedure.args, args);
      const bounds = {
        timeout: options.timeout ?? this.#options.timeout ?? DEFAULT_TIMEOUT,
        signal: options.signal,
        timers: this.#timers,
      };
      const giveUp = (): void => {
        if (ticket.abandon()) this.#end('libvirt has replied to none of the last calls in time');
      };
      const pending = pend(procedure, bounds, { resolve, reject, giveUp });
      const ticket = this.lane.enter(needsOf(procedure, args), {
        start: (place) => {
          this.#calls.set(serial, { pending, ticket: place });
          this.#socket.write(bytes);
        },
        fail: (reason) => {
          pending.fail(reason);
        },
      });
    });
  }

  /** Starts keepalive; only for daemons that support it. */
  watch(): void {
    this.#keepAlive.start();
  }

  /** Sends libvirt's close call and closes the socket; pending calls fail. */
  close(): void {
    if (this.#closed) return;
    const goodbye = callHeader(procedures.connectClose.number, this.#nextSerial());
    this.#socket.end(encodePacket(goodbye, procedures.connectClose.args, undefined), () =>
      this.#socket.destroy(),
    );
    this.#end('this connection was closed');
  }

  #nextSerial(): number {
    this.#serial = (this.#serial % SERIAL_MAX) + 1;
    return this.#serial;
  }

  #receive(chunk: Buffer): void {
    this.#keepAlive.received();
    try {
      for (const packet of this.#packets.push(chunk)) {
        if (this.#closed) return;
        this.#dispatch(packet);
      }
    } catch (error) {
      this.#end(`libvirt violated its protocol: ${String(error)}`, error);
    }
  }

  #dispatch(packet: Packet): void {
    if (packet.program === KEEPALIVE_PROGRAM) {
      if (packet.procedure === keepAliveProcedure.ping) {
        this.#socket.write(keepAlivePacket(keepAliveProcedure.pong));
      }
    } else if (packet.program === REMOTE_PROGRAM) {
      if (packet.type === messageType.reply) this.#settle(packet);
      else if (packet.type === messageType.message) this.#publish(packet);
    }
  }

  #settle(packet: Packet): void {
    const call = this.#calls.get(packet.serial);
    if (!call) return;
    this.#calls.delete(packet.serial);
    call.pending.answer(packet);
    call.ticket.leave(packet.status === messageStatus.ok);
  }

  #publish(packet: Packet): void {
    try {
      const decoded = decodeEvent(packet);
      if (decoded) this.#options.onEvent?.(decoded.event, decoded.callback);
    } catch (error) {
      this.#options.onProblem?.(error);
    }
  }

  #end(reason: string, cause?: unknown): void {
    if (this.#closed) return;
    this.#closed = new UnreachableError(`No connection to libvirt: ${reason}.`, { cause });
    this.#keepAlive.stop();
    if (!this.#socket.writableEnded) this.#socket.destroy();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.lane.close(this.#closed);
    for (const { pending } of calls) pending.fail(this.#closed);
    this.#options.onClose?.(this.#closed);
  }
}

function needsOf<A, R>(procedure: Procedure<A, R>, args: A): Needs {
  const claim = procedure.claim?.(args);
  return { domains: uuidsOf(claim), passesOver: claim?.passesOver, isSlow: procedure.isSlow };
}

const uuidsOf = (claim: Claim | undefined): readonly string[] | undefined =>
  claim?.domains.map(({ uuid }) => uuid.toLowerCase());

/** The UUIDs of the domains whose monitor the call may wait for; undefined if it waits for none. */
export const claimed = <A, R>(procedure: Procedure<A, R>, args: A): readonly string[] | undefined =>
  uuidsOf(procedure.claim?.(args));

function callHeader(procedure: number, serial: number) {
  return {
    program: REMOTE_PROGRAM,
    version: PROGRAM_VERSION,
    procedure,
    type: messageType.call,
    serial,
    status: messageStatus.ok,
  };
}
