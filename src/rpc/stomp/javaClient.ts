import { Milliseconds } from '../../units.ts';
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
export const UNASKED: HeartBeat = { ours: Milliseconds(15_000), theirs: Milliseconds(0) };

/**
 * Whether a client whose first or latest CONNECT is `frame` may be the engine's. That one sends just `accept-version:1.2`,
 * `host` (the word null, or a name) and `heart-beat:0,N`, or over plain TCP subscribes before CONNECT or without one.
 * vdsm-client and MoM send no host; other libraries send more headers, more versions or no heart-beat.
 */
export function mayBeJava({ command, headers }: Frame): boolean {
  if (command !== 'CONNECT') return command !== 'STOMP';
  return (
    headers.size === 3 &&
    headers.get('accept-version') === '1.2' &&
    headers.has('host') &&
    /^0,[1-9]\d*$/.test(headers.get('heart-beat') ?? '')
  );
}
