import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { int, nothing, text, type Codec } from '../../src/libvirt/codec.ts';
import {
  encodePacket,
  KEEPALIVE_PROGRAM,
  PacketReader,
  type Packet,
} from '../../src/libvirt/packet.ts';
import { procedures } from '../../src/libvirt/procedures.ts';
import { bytesOf, PING, type Exchange } from './libvirtStory.ts';

/** What is replied to the calls with which a client introduces itself, and to one that asks if all is well. */
const KNOWN = new Map<number, [Codec<never>, unknown]>([
  [procedures.authList.number, [procedures.authList.result as Codec<never>, []]],
  [procedures.connectSupportsFeature.number, [int as Codec<never>, 0]],
  [procedures.connectOpen.number, [nothing as Codec<never>, undefined]],
  [procedures.connectGetHostname.number, [text as Codec<never>, 'well']],
]);

/** A daemon that sends what a story says, on a socket of its own. */
export class HostileLibvirtd {
  readonly uri: string;
  /** What it sends for the next call that it does not know. */
  exchange: Exchange | undefined;
  pongs = 0;
  readonly #close: () => Promise<void>;
  #serial = 0;
  #socket: Socket | undefined;
  /** Called when the client has read all that was sent. */
  #read: () => void = () => undefined;
  #awaited = 0;

  private constructor(path: string, close: () => Promise<void>) {
    this.uri = `test:///default?socket=${path}`;
    this.#close = close;
  }

  static async start(): Promise<HostileLibvirtd> {
    const folder = await mkdtemp(join(tmpdir(), 'hostile-libvirtd-'));
    const path = join(folder, 'sock');
    const server = createServer((socket) => {
      daemon.#accept(socket);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const daemon = new HostileLibvirtd(path, async () => {
      server.close();
      daemon.#socket?.destroy();
      await rm(folder, { recursive: true });
    });
    return daemon;
  }

  /** Resolves when the client has read all that was sent for the next call, or has closed the connection. */
  reading(): Promise<void> {
    return new Promise((resolve) => (this.#read = resolve));
  }

  /** Sends what ends the call of the last exchange for the client, so that it keeps no place. */
  release(): void {
    const { number } = procedures.connectGetVersion;
    this.#reply({ procedure: number, serial: this.#serial }, Buffer.alloc(3));
  }

  close(): Promise<void> {
    return this.#close();
  }

  #accept(socket: Socket): void {
    this.#socket = socket;
    const packets = new PacketReader();
    socket.on('data', (chunk: Buffer) => {
      for (const packet of packets.push(chunk)) this.#hear(socket, packet);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#read();
    });
  }

  #hear(socket: Socket, packet: Packet): void {
    if (packet.program === KEEPALIVE_PROGRAM) {
      this.pongs++;
      if (this.pongs === this.#awaited) this.#read();
      return;
    }
    const known = KNOWN.get(packet.procedure);
    if (known) this.#reply(packet, encoded(...known));
    else if (this.exchange) this.#send(socket, this.exchange, packet.serial);
  }

  #reply({ procedure, serial }: Pick<Packet, 'procedure' | 'serial'>, payload: Buffer): void {
    const header = { program: 0x2000_8086, version: 1, procedure, type: 1, serial, status: 0 };
    const packet = Buffer.concat([encodePacket(header, nothing, undefined), payload]);
    packet.writeUInt32BE(packet.length);
    this.#socket?.write(packet);
  }

  #send(socket: Socket, { sent, pieces }: Exchange, serial: number): void {
    this.#serial = serial;
    const pings = sent.map((one) => (one.kind === 'pings' ? one.count : 0));
    this.pongs = 0;
    this.#awaited = pings.reduce((sum, count) => sum + count, 1);
    const bytes = Buffer.concat([...sent.map((one) => bytesOf(one, serial)), PING]);
    for (let at = 0; at < bytes.length; at += pieces) socket.write(bytes.subarray(at, at + pieces));
  }
}

const encoded = (codec: Codec<never>, value: unknown): Buffer =>
  encodePacket(
    { program: 0, version: 0, procedure: 0, type: 0, serial: 0, status: 0 },
    codec,
    value as never,
  ).subarray(28);
