import { Milliseconds } from '../../common/units.ts';
import type { Frame } from './frame.ts';
import type { HeartBeat } from './heartBeat.ts';

/*
 * The engine's client (vdsm-jsonrpc-java) reads up to 1024 bytes and takes one frame from them; what is left over
 * it does not look at until more bytes come. Frames that arrive together therefore wait for the next heart-beat.
 */

/** What its reader takes at once: of frames at least that long nothing is ever left over. */
export const READ_SIZE = 1024;
/** Between two frames: enough for it to have read the first. */
export const FRAME_GAP = Milliseconds(10);
/** After CONNECTED, which together with a part of another frame makes it drop the connection. */
export const CONNECTED_GAP = Milliseconds(50);
/** Between line feeds, each of which makes it look at one frame that was left over. */
export const FLUSH_GAP = Milliseconds(20);
/** Line feeds after a burst: what may pile up while it collects garbage; with more than 1024 it goes deaf. */
export const MAX_FLUSH = 256;
/** Until it has connected; when its CONNECT is lost it still drops a connection that is silent for 30 s. */
export const BEFORE_CONNECT: HeartBeat = { ours: Milliseconds(15_000), theirs: Milliseconds(0) };

/** The events that the engine reads; of others each would hold up what it waits for. */
export const ENGINE_EVENTS = ['|*|VM_status|*', '|*|VM_migration_status|*', '|net|host_conn|*'];

/** How much a client is like the engine's: what is not `none` has to be treated as one. */
export type Confidence = 'sure' | 'possible' | 'none';

/**
 * What `frame` tells of a client that was so alike `before`, at first `possible`. The engine's sends with CONNECT just
 * `accept-version:1.2`, `host` (the word null, unless told to send a name) and `heart-beat:0,N`; it subscribes with
 * random UUIDs and `ack:auto`, over plain TCP before CONNECT or without one, and names no content-type.
 * vdsm-client and MoM send no host; other libraries send more headers, more versions or no heart-beat.
 */
export function confidence({ command, headers }: Frame, before: Confidence): Confidence {
  switch (command) {
    case 'CONNECT':
      if (!isItsConnect(headers)) return 'none';
      return headers.get('host') === 'null' ? 'sure' : before;
    case 'STOMP':
      return 'none';
    case 'SEND':
      return headers.has('content-type') ? 'none' : before;
    case 'SUBSCRIBE':
      return before === 'sure' || isItsSubscribe(headers) ? before : 'none';
    default:
      return before;
  }
}

const isItsConnect = (headers: Frame['headers']): boolean =>
  headers.size === 3 &&
  headers.get('accept-version') === '1.2' &&
  headers.has('host') &&
  /^0,[1-9]\d*$/.test(headers.get('heart-beat') ?? '');

const isItsSubscribe = (headers: Frame['headers']): boolean =>
  headers.get('ack') === 'auto' && UUID.test(headers.get('id') ?? '');

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
