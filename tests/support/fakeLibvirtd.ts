import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { int, type Codec, type Value } from '../../src/libvirt/codec.ts';
import { LibvirtError } from '../../src/libvirt/error.ts';
import { events, type DomainEvent } from '../../src/libvirt/events.ts';
import {
  encodePacket,
  PacketReader,
  KEEPALIVE_PROGRAM,
  messageStatus,
  messageType,
  PROGRAM_VERSION,
  REMOTE_PROGRAM,
  type Packet,
  type Header,
} from '../../src/libvirt/packet.ts';
import { keepAlivePacket, keepAliveProcedure } from '../../src/libvirt/keepAlive.ts';
import { procedures, type Procedure } from '../../src/libvirt/procedures.ts';
import { remoteError } from '../../src/libvirt/protocol.ts';
import { XdrReader, type XdrWriter } from '../../src/libvirt/xdr.ts';

type Procedures = typeof procedures;
type Name = keyof Procedures;
type Args<N extends Name> = Value<Procedures[N]['args']>;
type Result<N extends Name> = Value<Procedures[N]['result']>;

/** An answer that never comes. */
export const hang = Symbol('hang');
/** Bytes in place of a result, with another header maybe. */
export class Raw {
  readonly bytes: Buffer;
  readonly header: Partial<Header>;

  constructor(bytes: Buffer, header: Partial<Header> = {}) {
    this.bytes = bytes;
    this.header = header;
  }
}

type Answer<R> = R | typeof hang | Raw;
type Handler = (args: unknown, socket: Socket) => unknown;

const raw: Codec<Buffer> = {
  write: (to, bytes) => to.opaque(bytes),
  read: (from) => from.opaque(from.remaining),
};
const byNumber = new Map(Object.values(procedures).map((each) => [each.number, each]));

/** A daemon that says what it is told to: it speaks the client's own codecs over a real socket. */
export class FakeLibvirtd {
  readonly path: string;
  /** Every call that came, in order. */
  readonly calls: { readonly name: string; readonly args: unknown }[] = [];
  readonly sockets = new Set<Socket>();
  /** How many keepalive questions and answers came. */
  pings = 0;
  pongs = 0;
  /** Whether questions are answered. */
  isAlive = true;
  /** Sends every packet in pieces of so many bytes. */
  pieceSize = Infinity;
  readonly #server: Server;
  readonly #folder: string;
  readonly #handlers = new Map<string, Handler>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'libvirt-sock');
    this.#server = createServer((socket) => this.#accept(socket));
    this.on('authList', () => []);
    this.on('connectSupportsFeature', () => 1);
    this.on('connectOpen', () => undefined);
    this.on('connectClose', () => undefined);
    this.on('eventCallbackRegisterAny', ({ event }) => event);
  }

  static async start(): Promise<FakeLibvirtd> {
    const daemon = new FakeLibvirtd(await mkdtemp(join(tmpdir(), 'fake-libvirtd-')));
    await daemon.listen();
    return daemon;
  }

  get uri(): string {
    return `test:///default?socket=${this.path}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.path, resolve));
  }

  /** From now on `handler` answers this procedure; what it throws becomes libvirt's error. */
  on<N extends Name>(
    name: N,
    handler: (args: Args<N>, socket: Socket) => Answer<Result<N>> | Promise<Answer<Result<N>>>,
  ): void {
    this.#handlers.set(name, handler as Handler);
  }

  /** The arguments of every call of this procedure. */
  received<N extends Name>(name: N): Args<N>[] {
    return this.calls.filter((call) => call.name === name).map(({ args }) => args as Args<N>);
  }

  /** Sends an event to every client, for the registration that has the id of its kind. */
  publish(event: DomainEvent): void {
    const { id, procedure, payload } = events[event.kind];
    const withId: Codec<DomainEvent> = {
      write(to: XdrWriter, value) {
        int.write(to, id);
        payload.write(to, value);
      },
      read: () => event,
    };
    this.message(procedure, withId, event);
  }

  /** Sends a message of any kind to every client. */
  message<T>(procedure: number, codec: Codec<T>, value: T, header: Partial<Header> = {}): void {
    this.broadcast(
      encodePacket(
        { ...plain, procedure, type: messageType.message, serial: 0, ...header },
        codec,
        value,
      ),
    );
  }

  ping(): void {
    this.broadcast(keepAlivePacket(keepAliveProcedure.ping));
  }

  broadcast(bytes: Buffer): void {
    for (const socket of this.sockets) this.#send(socket, bytes);
  }

  /** Breaks every connection, as a daemon that is killed. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** As if it was not running any more. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.drop();
    await closed;
  }

  async remove(): Promise<void> {
    if (this.#server.listening) await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    const packets = new PacketReader();
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      for (const packet of packets.push(chunk)) {
        if (packet.program === KEEPALIVE_PROGRAM) this.#keepAlive(socket, packet);
        else void this.#answer(socket, packet);
      }
    });
  }

  #keepAlive(socket: Socket, { procedure }: Packet): void {
    if (procedure === keepAliveProcedure.pong) {
      this.pongs++;
      return;
    }
    this.pings++;
    if (this.isAlive) this.#send(socket, keepAlivePacket(keepAliveProcedure.pong));
  }

  async #answer(socket: Socket, { procedure: number, serial, payload }: Packet): Promise<void> {
    const procedure = byNumber.get(number) as Procedure<unknown, unknown> | undefined;
    if (!procedure)
      throw new Error(`the client called procedure ${number}, which is not in its table`);
    const args = procedure.args.read(new XdrReader(payload));
    this.calls.push({ name: procedure.name, args });
    const header = { ...plain, procedure: number, type: messageType.reply, serial };
    try {
      const answer = await this.#handle(procedure.name, args, socket);
      if (answer === hang) return;
      this.#send(
        socket,
        answer instanceof Raw ?
          encodePacket({ ...header, ...answer.header }, raw, answer.bytes)
        : encodePacket(header, procedure.result, answer),
      );
    } catch (error) {
      const failed = { ...header, status: messageStatus.error };
      this.#send(socket, encodePacket(failed, remoteError, asRemote(error)));
    }
  }

  #handle(name: string, args: unknown, socket: Socket): unknown {
    const handler = this.#handlers.get(name);
    if (handler) return handler(args, socket);
    throw new LibvirtError(`unknown procedure: ${name}`, { code: 39, domain: 7 });
  }

  #send(socket: Socket, bytes: Buffer): void {
    if (socket.destroyed) return;
    for (let at = 0; at < bytes.length; at += this.pieceSize) {
      socket.write(bytes.subarray(at, Math.min(bytes.length, at + this.pieceSize)));
    }
  }
}

const plain = {
  program: REMOTE_PROGRAM,
  version: PROGRAM_VERSION,
  status: messageStatus.ok,
} as const;

function asRemote(error: unknown) {
  const { message } = error as Error;
  const { code, domain, level } =
    error instanceof LibvirtError ? error : { code: 1, domain: 0, level: 2 };
  return {
    code,
    domain,
    message,
    level,
    about: undefined,
    str1: undefined,
    str2: undefined,
    str3: undefined,
    int1: -1,
    int2: -1,
  };
}
