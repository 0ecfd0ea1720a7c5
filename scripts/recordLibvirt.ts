// Records conversations with a real libvirt as fixtures:  npx tsx scripts/recordLibvirt.ts SOCKET
// The host is asked for nothing that names it; look through what changed before committing it all the same.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { PacketReader, KEEPALIVE_PROGRAM } from '../src/libvirt/packet.ts';
import { connectDaemon } from '../src/libvirt/connectDaemon.ts';
import { Host } from '../src/libvirt/index.ts';
import type { Recording } from '../tests/libvirt/recording.ts';
import { converse, toJson } from '../tests/libvirt/scenario.ts';

type Side = 'client' | 'daemon';
type Packets = (readonly [Side, string])[];

const PROGRAM_AT = 4;
const names = { test: 'test:///default', qemu: 'qemu:///system' } as const;

/** Passes on whole packets from one side to the other and writes them down. */
function tap(from: Socket, to: Socket, { side, packets }: { side: Side; packets: Packets }): void {
  const reader = new PacketReader();
  from.on('data', (chunk: Buffer) => {
    for (const { payload } of reader.push(chunk)) {
      const header = 28;
      const bytes = Buffer.from(
        payload.buffer,
        payload.byteOffset - header,
        payload.length + header,
      );
      if (bytes.readUInt32BE(PROGRAM_AT) !== KEEPALIVE_PROGRAM) {
        packets.push([side, bytes.toString('base64')]);
      }
      to.write(bytes);
    }
  });
  from.on('close', () => to.destroy());
}

async function record(socket: string, driver: keyof typeof names): Promise<Recording> {
  const folder = await mkdtemp(join(tmpdir(), 'record-'));
  const path = join(folder, 'sock');
  const packets: Packets = [];
  const server = createServer((client) => {
    const daemon = createConnection(socket);
    tap(client, daemon, { side: 'client', packets });
    tap(daemon, client, { side: 'daemon', packets });
  }).listen(path);
  const events: unknown[] = [];
  const name = names[driver];
  const options = { onEvent: (event: unknown) => events.push(toJson(event)) };
  const connection = await connectDaemon({ name, sockets: [path] }, options);
  const answers = (await converse(connection, driver)).map(toJson);
  const recorded = packets.slice();
  const libvirt = await new Host(connection).getLibVersion();
  connection.close();
  server.close();
  await rm(folder, { recursive: true });
  return { driver, name, libvirt, packets: recorded, answers, events };
}

const [socket] = process.argv.slice(2);
if (!socket) throw new Error('usage: npx tsx scripts/recordLibvirt.ts SOCKET');
for (const driver of ['test', 'qemu'] as const) {
  const recording = await record(socket, driver);
  const version = `${Math.floor(recording.libvirt / 1_000_000)}.${Math.floor(recording.libvirt / 1000) % 1000}`;
  const file = join(import.meta.dirname, `../fixtures/libvirt/${driver}-${version}.json`);
  await writeFile(
    file,
    await format(JSON.stringify(recording), { parser: 'json', printWidth: 100 }),
  );
  console.log(`${file}: ${recording.packets.length} packets`);
}
