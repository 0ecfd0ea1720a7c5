import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import { type RawClient, type StompServer } from './harness.ts';

interface Step {
  readonly kind: '>' | '<' | '!';
  readonly text: string;
}

/**
 * Parses a recorded session. `> ` begins a line of the client, `< ` one of the server, `! ` one with another action,
 * `#` a comment; `^@` is the NUL that ends a frame. A request and its reply follow `! silence`, so that an unexpected
 * frame would be read in place of the reply.
 */
export async function readSession(file: URL): Promise<readonly Step[]> {
  const steps: Step[] = [];
  let open: { kind: Step['kind']; lines: string[] } | undefined;
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const kind = line[0] as Step['kind'];
    open ??= { kind, lines: [] };
    if (open.kind !== kind) throw new Error(`a frame is not ended before: ${line}`);
    open.lines.push(line.slice(2));
    if (kind !== '!' && !line.endsWith('^@')) continue;
    const text = open.lines.join('\n').replace(/\^@$/, '\0').replaceAll('^M', '\r');
    const last = steps.at(-1);
    // consecutive frames of one side are sent in one write
    if (kind === '>' && last?.kind === '>')
      steps[steps.length - 1] = { kind, text: last.text + text };
    else steps.push({ kind, text });
    open = undefined;
  }
  return steps;
}

/** Plays the client's part of a session and checks the server's. */
export async function replay(
  steps: readonly Step[],
  client: RawClient,
  server: StompServer,
): Promise<void> {
  for (const { kind, text } of steps) {
    if (kind === '>') client.write(text);
    else if (kind === '<') expectFrame(await client.frame(), text.slice(0, -1));
    else await happen(text, client, server);
  }
}

async function happen(text: string, client: RawClient, server: StompServer): Promise<void> {
  const [what, name = '', params = '{}'] = text.split(' ');
  if (what === 'event') server.events.publish(name, JSON.parse(params) as object);
  else if (what === 'fin') client.socket.end();
  else if (what !== 'closed' && what !== 'silence')
    throw new Error(`nobody knows how to play: ${text}`);
  if (what === 'fin' || what === 'closed') await client.closed;
}

function expectFrame(actual: string, expected: string): void {
  const [head, body] = cut(actual);
  const [expectedHead, expectedBody] = cut(expected);
  const length = /\ncontent-length:(\d+)/.exec(head)?.[1];
  if (length !== undefined) expect(Buffer.byteLength(body)).toBe(Number(length));
  expect(
    head.replace(/(\ncontent-length:)\d+/, expectedHead.includes('length:*') ? '$1*' : '$&'),
  ).toBe(expectedHead);
  if (!/^[[{]/.test(expectedBody)) expect(body).toBe(expectedBody);
  else if (expectedBody.includes('"error"')) {
    expect(JSON.parse(body)).toMatchObject(JSON.parse(expectedBody) as object);
  } else expect(body.trimEnd()).toBe(expectedBody);
}

function cut(frame: string): readonly [string, string] {
  const end = frame.indexOf('\n\n');
  return [frame.slice(0, end), frame.slice(end + 2)];
}
