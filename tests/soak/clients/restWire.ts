import { readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as TlsAgent, request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import type { Reply, Request } from './books.ts';
import { type Format, hasForm, httpRequest } from './restRequest.ts';
import type { OpenWire } from './wire.ts';

/** HTTP with the REST API in this format, over a connection that is kept. */
export const openRest =
  (format: Format): OpenWire =>
  async ({ place, isTls, books }) => {
    const { port, files } = place;
    const [ca, cert, key] = [files.ca, files.cert, files.key].map((file) => readFileSync(file));
    const kept = { keepAlive: true, maxSockets: 1 };
    const agent = isTls ? new TlsAgent({ ...kept, ca, cert, key }) : new Agent(kept);
    const underWay = new Set<{ destroy(): void }>();
    let isOwn = false;
    let isOpen = true;

    const ask = (request: Request): Promise<Reply> => {
      const { method, path, headers, body } = httpRequest(request, format);
      books.sent(request);
      return new Promise((resolve) => {
        const settle = (reply: Reply): void => {
          if (!underWay.delete(sent)) return;
          books.settled(request, reply);
          resolve(reply);
        };
        const lost = (): void => {
          isOpen = false;
          settle({ kind: 'lost', isOwn });
        };
        const options = { host: 'localhost', port, method, path, headers, agent };
        const sent = (isTls ? requestHttps : requestHttp)(options);
        underWay.add(sent);
        let isAnswered = false;
        const ended = (): void => {
          if (!isAnswered) lost();
        };
        sent.on('error', ended);
        sent.on('close', ended);
        sent.on('response', (response) => {
          isAnswered = true;
          void replyOf(response).then(settle, lost);
        });
        sent.end(body);
      });
    };
    const cut = (): void => {
      isOwn = true;
      isOpen = false;
      for (const each of underWay) each.destroy();
      agent.destroy();
    };
    return {
      get isOpen() {
        return isOpen;
      },
      sends: hasForm,
      send: (requests) => Promise.all(requests.map(ask)),
      pause: () => undefined,
      resume: () => undefined,
      cutWithin(request) {
        if (hasForm(request.method) && !isTls) sendPart(request, format, port);
        cut();
      },
      cut,
      async close() {
        cut();
      },
    };
  };

async function replyOf(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const { statusCode: code = 0, complete } = response;
  if (!complete) throw new Error('the response is cut');
  return code < 400 ? { kind: 'result', result: text } : { kind: 'error', code, message: text };
}

/** Sends a request without its last byte, and closes the connection. */
function sendPart(request: Request, format: Format, port: number): void {
  const { method, path, headers, body } = httpRequest(request, format);
  const head = Object.entries({ host: 'localhost', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const text = `${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text.slice(0, -1), () => socket.destroy());
}
