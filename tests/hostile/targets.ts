import type { Target } from './target.ts';
import { http } from './targets/http.ts';
import { idle } from './targets/idle.ts';
import { jsonCodec } from './targets/jsonCodec.ts';
import { messageBounds } from './targets/messageBounds.ts';
import { params } from './targets/params.ts';
import { restCodec } from './targets/restCodec.ts';
import { slow } from './targets/slow.ts';
import { stompCodec } from './targets/stompCodec.ts';
import { stomp } from './targets/stomp.ts';
import { tls } from './targets/tls.ts';
import { webSocket } from './targets/webSocket.ts';
import { webSocketFrames } from './targets/webSocketFrames.ts';

/** All that gets hostile input. */
export const targets: readonly Target<unknown>[] = [
  jsonCodec,
  messageBounds,
  params,
  restCodec,
  stompCodec,
  http,
  stomp,
  tls,
  webSocket,
  webSocketFrames,
  slow,
  idle,
];
