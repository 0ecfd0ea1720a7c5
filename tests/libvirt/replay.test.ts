import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { connectDaemon } from '../../src/libvirt/connectDaemon.ts';
import type { DomainEvent } from '../../src/libvirt/events.ts';
import { messageType, PacketReader } from '../../src/libvirt/packet.ts';
import { until } from '../support/until.ts';
import type { Recording } from './recording.ts';
import { converse, toJson } from './scenario.ts';

const folder = join(import.meta.dirname, '../../fixtures/libvirt');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

interface Replay {
  readonly recording: Recording;
  /** The client's packets, as they come. */
  readonly sent: string[];
  /** Whether each reply comes twice: again at once, and once more after the next call. */
  readonly isRepeating: boolean;
}

/**
 * Plays the daemon's part of the recording: sends, after each packet of the client, what was recorded before the next.
 */
function replay({ recording: { packets }, sent, isRepeating }: Replay, socket: Socket): void {
  const rest = [...packets];
  const reader = new PacketReader();
  let again: readonly Buffer[] = [];
  // The client has closed the connection.
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    for (const { serial, procedure, payload } of reader.push(chunk)) {
      sent.push(`${procedure} #${serial} ${payload.toString('base64')}`);
      for (const reply of again) socket.write(reply);
      again = [];
      rest.shift();
      while (rest[0]?.[0] === 'daemon') {
        const packet = Buffer.from(rest.shift()?.[1] ?? '', 'base64');
        socket.write(packet);
        if (!isRepeating || !isReply(packet)) continue;
        socket.write(packet);
        again = [...again, packet];
      }
    }
  });
}

const isReply = (bytes: Buffer): boolean =>
  [...new PacketReader().push(bytes)].every(({ type }) => type === messageType.reply);

function recordedCalls({ packets }: Recording): string[] {
  const reader = new PacketReader();
  return packets
    .filter(([side]) => side === 'client')
    .flatMap(([, bytes]) => [...reader.push(Buffer.from(bytes, 'base64'))])
    .map(
      ({ serial, procedure, payload }) => `${procedure} #${serial} ${payload.toString('base64')}`,
    );
}

test('there are recordings of both drivers', () => {
  expect(files.map((file) => file.split('-')[0])).toEqual(expect.arrayContaining(['qemu', 'test']));
});

const CASES = files.flatMap((file) => [
  { file, isRepeating: false, how: 'is encoded and decoded to the last byte' },
  { file, isRepeating: true, how: 'is the same conversation if each reply comes twice' },
]);

test.each(CASES)('$file $how', async ({ file, isRepeating }) => {
  const recording = JSON.parse(await readFile(join(folder, file), 'utf8')) as Recording;
  const place = await mkdtemp(join(tmpdir(), 'replay-'));
  const sent: string[] = [];
  const server = createServer((socket) => replay({ recording, sent, isRepeating }, socket));
  await new Promise<void>((resolve) => server.listen(join(place, 'sock'), resolve));
  const seen: DomainEvent[] = [];
  const address = { name: recording.name, sockets: [join(place, 'sock')] };
  const connection = await connectDaemon(address, { onEvent: (event) => seen.push(event) });
  try {
    const answers = await converse(connection, recording.driver);
    expect(sent).toEqual(recordedCalls(recording));
    expect(answers.map(toJson)).toEqual(recording.answers);
    await until(() => seen.length >= recording.events.length);
    expect(seen.map(toJson)).toEqual(recording.events);
  } finally {
    connection.close();
    server.close();
    await rm(place, { recursive: true });
  }
});
