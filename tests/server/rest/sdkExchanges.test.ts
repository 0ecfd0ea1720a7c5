import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Element, elementsOf } from '../../../src/domain-xml/element.ts';
import { readXml } from '../../../src/domain-xml/readXml.ts';
import { World } from '../../support/world.ts';
import { openApi, type Reply, type TestApi } from './api.ts';

/** What a client sent, and what it got and understood. Headers of the connection are left out when it is sent again. */
interface Exchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

const folder = new URL('../../../fixtures/rest/', import.meta.url);
const read = (file: string): readonly Exchange[] =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Exchange[];

let world: World;
let api: TestApi;
beforeEach(async () => {
  world = await World.open();
  const services = { ...world.services, openrpc: { info: { version: '1.2.3' } } };
  api = await openApi({}, { verbs: world.verbs, services });
  await world.boot(1, { vmName: 'web' });
  await world.sampled();
});
afterEach(() => {
  api.close();
  world.vms.stop();
});

const OF_THE_CONNECTION = /^(host|connection|content-length|transfer-encoding)$/i;

function send({ method, path, headers, body }: Exchange['request']): Promise<Reply> {
  const own = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.test(name));
  // the body was masked
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const rest = body === undefined ? {} : { body };
  return api.send(method, path, { headers: { ...Object.fromEntries(own), ...length }, ...rest });
}

/** Returns the reply while the guest's time passes, for which a client may wait. */
async function inTime(reply: Promise<Reply>): Promise<Reply> {
  const later = async (): Promise<undefined> => {
    await new Promise((resolve) => setImmediate(resolve));
    await world.seconds(1);
    return undefined;
  };
  for (;;) {
    const found = await Promise.race([reply, later()]);
    if (found) return found;
  }
}

test.each(readdirSync(folder))('what the client of %s understood is still said', async (file) => {
  for (const { request, response } of read(file)) {
    const reply = await inTime(send(request));
    const what = `${request.method} ${request.path}`;
    expect([what, reply.status]).toEqual([what, response.status]);
    expect(reply.headers['content-type']).toBe(response.headers['content-type']);
    const missing = membersOf(response.body).filter((one) => !membersOf(reply.text).includes(one));
    expect([what, missing]).toEqual([what, []]);
  }
});

const membersOf = (body: string): readonly string[] =>
  body.startsWith('<') ?
    [...new Set(inXml(readXml(body), ''))]
  : Object.keys(JSON.parse(body) as object);

/** Paths of the elements and attributes; links and figures also by what they are. */
function inXml(element: Element, above: string): string[] {
  const path = `${above}/${element.name}`;
  const rel = element.attributes.get('rel');
  return [
    rel === undefined ? path : `${path}[${rel}]`,
    ...[...element.attributes.keys()].map((name) => `${path}@${name}`),
    ...elementsOf(element).flatMap((each) => inXml(each, path)),
  ];
}
