import type { Target } from './target.ts';
import { domainXml } from './targets/domainXml.ts';
import { http } from './targets/http.ts';
import { idle } from './targets/idle.ts';
import { jsonCodec } from './targets/jsonCodec.ts';
import { libvirtConnection } from './targets/libvirtConnection.ts';
import { messageBounds } from './targets/messageBounds.ts';
import { packets } from './targets/packets.ts';
import { params } from './targets/params.ts';
import { record } from './targets/record.ts';
import { restCodec } from './targets/restCodec.ts';
import { settings } from './targets/settings.ts';
import { slow } from './targets/slow.ts';
import { stateFiles } from './targets/stateFiles.ts';
import { stompCodec } from './targets/stompCodec.ts';
import { stomp } from './targets/stomp.ts';
import { storedVm } from './targets/storedVm.ts';
import { tls } from './targets/tls.ts';
import { webSocket } from './targets/webSocket.ts';
import { webSocketFrames } from './targets/webSocketFrames.ts';
import { xdr } from './targets/xdr.ts';

/** All that gets hostile input. */
export const targets: readonly Target<unknown>[] = [
  jsonCodec,
  messageBounds,
  params,
  restCodec,
  stompCodec,
  domainXml,
  xdr,
  packets,
  settings,
  libvirtConnection,
  record,
  stateFiles,
  storedVm,
  http,
  stomp,
  tls,
  webSocket,
  webSocketFrames,
  slow,
  idle,
];
