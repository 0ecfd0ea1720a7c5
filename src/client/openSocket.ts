import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import { messageOf } from '../common/messageOf.ts';
import type { Milliseconds } from '../common/units.ts';
import { FileError, type Reason, reasonOf } from './reason.ts';
import { nameOf, type Target, type TlsFiles, urlOf } from './target.ts';
import { type Attempt, RefusedError, UnreachableError } from './errors.ts';

const MAX_MESSAGE = 256 * 1024 * 1024;
/** Characters of a refusal that are shown. */
const MAX_REFUSAL = 500;

export interface OpenOptions {
  readonly timeout: Milliseconds;
  readonly signal: AbortSignal;
}

/** Opens a WebSocket for JSON-RPC; rejects with {@link UnreachableError} or {@link RefusedError}. */
export function openSocket(target: Target, { timeout, signal }: OpenOptions): Promise<WebSocket> {
  const giveUp = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  return new Promise((resolve, reject) => {
    const fail = (reason: Reason, cause?: Error): void => {
      reject(failureOf([{ where: nameOf(target), ...reason }], cause));
    };
    const onError = (error: Error): void => {
      fail(reasonOf(error, target), error);
    };
    const socket = start(target, onError);
    if (!socket) return;
    const onAbort = (): void => {
      fail({ reason: 'it does not answer', isRefused: false });
      socket.terminate();
    };
    giveUp.addEventListener('abort', onAbort);
    socket.once('open', () => {
      giveUp.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      resolve(socket);
    });
    // an error that follows the first is of no interest
    socket.on('error', onError);
    socket.once('unexpected-response', (_, response) => {
      void textOf(response).then((text) => {
        const reason = text === '' ? `HTTP ${String(response.statusCode)}` : text;
        fail({ reason, isRefused: true });
        socket.terminate();
      });
    });
  });
}

/** Begins to connect; returns nothing if its files cannot be used. */
function start(target: Target, onError: (error: Error) => void): WebSocket | undefined {
  try {
    return new WebSocket(urlOf(target), {
      maxPayload: MAX_MESSAGE,
      perMessageDeflate: false,
      ...transportOf(target),
    });
  } catch (error) {
    onError(error as Error);
    return undefined;
  }
}

/** Returns the error for tries that all failed. */
export const failureOf = (attempts: readonly Attempt[], cause?: unknown): UnreachableError =>
  new (attempts.some(({ isRefused }) => isRefused) ? RefusedError : UnreachableError)(attempts, {
    cause,
  });

function transportOf(target: Target): ClientOptions {
  if (target.kind === 'plain') return {};
  if (target.kind === 'tls') return credentials(target.files);
  return { createConnection: () => connect(target.path) };
}

function credentials(files: TlsFiles): ClientOptions {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const why =
        code === 'ENOENT' ? 'does not exist'
        : code === 'EACCES' ? 'may not be read by this user'
        : `cannot be read: ${messageOf(cause)}`;
      throw new FileError(`${file} ${why}`, { cause });
    }
  };
  return { ca: read(files.ca), cert: read(files.cert), key: read(files.key) };
}

/** Returns the beginning of a response's text on one line. */
async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > MAX_REFUSAL) break;
    }
  } catch {
    // what came until the connection ended is enough
  }
  return text.slice(0, MAX_REFUSAL).replaceAll(/\s+/g, ' ').trim();
}
