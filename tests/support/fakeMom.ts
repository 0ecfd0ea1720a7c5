import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';

/** One call that MoM has got. */
export interface MomCall {
  readonly method: string;
  readonly params: readonly string[];
}

interface Request {
  readonly methodCall: {
    readonly methodName: string;
    readonly params?: {
      readonly param?: readonly { readonly value: { readonly string: string } }[];
    };
  };
}

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => name === 'param',
});

/** What MoM says in XML-RPC: a boolean. */
export const saying = (value: boolean): string =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><boolean>${value ? '1' : '0'}</boolean></value>\n</param>\n</params>\n</methodResponse>\n`;

/** What MoM says in XML-RPC: a fault. */
export const fault = `<?xml version='1.0'?>
<methodResponse>
<fault>
<value><struct>
<member>
<name>faultCode</name>
<value><int>1</int></value>
</member>
<member>
<name>faultString</name>
<value><string>&lt;class 'KeyError'&gt;:'host'</string></value>
</member>
</struct></value>
</fault>
</methodResponse>
`;

type Handler = (response: ServerResponse, request: IncomingMessage) => void;

/** A MoM on a socket of its own: it takes everything, unless told otherwise. */
export class FakeMom {
  readonly path: string;
  /** What came, in order. */
  readonly calls: MomCall[] = [];
  /** Answers the next calls. */
  answer: Handler = (response) => response.end(saying(true));
  readonly #folder: string;
  #server: Server | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'mom-vdsm.sock');
  }

  /** One that does not run yet. */
  static async create(): Promise<FakeMom> {
    return new FakeMom(await mkdtemp(join(tmpdir(), 'fake-mom-')));
  }

  start(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#take(request, response);
    });
    this.#server = server;
    return new Promise((resolve) => {
      server.listen(this.path, resolve);
    });
  }

  stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return Promise.resolve();
    server.closeAllConnections();
    return new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
  }

  /** Answers this, with this status of HTTP. */
  says(body: string, status = 200): void {
    this.answer = (response) => response.writeHead(status).end(body);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    if (request.method !== 'POST' || request.url !== '/RPC2') {
      response.writeHead(404).end();
      return;
    }
    const { methodCall } = parser.parse(body) as Request;
    const params = methodCall.params?.param ?? [];
    this.calls.push({
      method: methodCall.methodName,
      params: params.map(({ value }) => value.string),
    });
    this.answer(response, request);
  }
}

/** A running MoM for each test. */
export function useMom(): { readonly mom: FakeMom } {
  const fixture = {} as { mom: FakeMom };
  beforeEach(async () => {
    fixture.mom = await FakeMom.create();
    await fixture.mom.start();
  });
  afterEach(() => fixture.mom.remove());
  return fixture;
}
