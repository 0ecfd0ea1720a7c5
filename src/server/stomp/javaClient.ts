import { Milliseconds } from '../../common/units.ts';
import type { Frame } from './frame.ts';
import type { HeartBeat } from './heartBeat.ts';

/*
 * The engine's client (vdsm-jsonrpc-java) reads up to 1024 bytes and parses one frame of them; it parses the remaining
 * bytes only when more arrive. Of frames that arrive together, all but the first wait for the next heart-beat.
 */

/** Bytes of one read: after a frame at least this long, nothing remains unparsed. */
export const READ_SIZE = 1024;
/** Between two frames: long enough for it to read the first. */
export const FRAME_GAP = Milliseconds(10);
/** After CONNECTED: it disconnects if it reads CONNECTED together with a part of another frame. */
export const CONNECTED_GAP = Milliseconds(50);
/** Between line feeds, each of which makes it parse one remaining frame. */
export const FLUSH_GAP = Milliseconds(20);
/** Most line feeds after a burst: enough for a garbage collection; after more than 1024 it stops reading. */
export const MAX_FLUSH = 256;
/** Heart-beat before CONNECT: if its CONNECT is lost, it still disconnects after 30 s of silence. */
export const BEFORE_CONNECT: HeartBeat = { ours: Milliseconds(15_000), theirs: Milliseconds(0) };

/** The events that the engine uses; further events would delay its replies. */
export const ENGINE_EVENTS = ['|*|VM_status|*', '|*|VM_migration_status|*', '|net|host_conn|*'];

/** Whether a client is the engine's; a `possible` one is treated as such. */
export type Confidence = 'sure' | 'possible' | 'none';

/**
 * Returns the confidence after `frame`, given the confidence `before`, which begins as `possible`. The engine's client
 * sends CONNECT with only `accept-version:1.2`, `host` (the word null, unless configured) and `heart-beat:0,N`. It
 * subscribes with random UUIDs and `ack:auto`, over plain TCP before CONNECT or without one, and sends no content-type.
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
