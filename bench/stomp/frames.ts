const frame = (command: string, headers: readonly string[], body = ''): string =>
  `${command}\n${headers.join('\n')}\n${body === '' ? '' : `content-length:${String(body.length)}\n`}\n${body}\0`;

const id = '5f0c1f5e-6d0a-4a35-9a39-0d0f0a0b0c0d';

/** A client's first bytes, in one write; the server replies with one frame. */
export const hello =
  frame('CONNECT', ['accept-version:1.2', 'heart-beat:0,24000']) +
  frame('SUBSCRIBE', [`destination:${id}`, 'ack:auto', `id:${id}`]);

/** A request in the form of VDSM's own client. */
export const request = frame(
  'SEND',
  ['destination:jms.topic.vdsm_requests', 'content-type:application/json', `reply-to:${id}`],
  `[{"jsonrpc":"2.0","method":"Host.ping2","params":{},"id":"${id}"}]`,
);

/** Its reply. */
export const reply = frame(
  'MESSAGE',
  [`destination:${id}`, 'content-type:application/json', `subscription:${id}`, 'message-id:1'],
  `{"jsonrpc":"2.0","id":"${id}","result":true}`,
);
