import { SaxesParser } from 'saxes';

/** An XML-RPC reply that is a fault or cannot be read. */
export class XmlRpcError extends Error {
  override readonly name = 'XmlRpcError';
}

/** Returns the body of a call with string parameters. */
export const methodCall = (method: string, params: readonly string[]): string =>
  `<?xml version='1.0'?><methodCall><methodName>${method}</methodName><params>${params
    .map((param) => `<param><value><string>${escaped(param)}</string></value></param>`)
    .join('')}</params></methodCall>`;

/** Whether the reply is the boolean true; throws {@link XmlRpcError} for a fault or an unreadable reply. */
export function isTrue(body: string): boolean {
  const texts = textsByPath(body);
  if (!texts.has(RESPONSE)) throw new XmlRpcError('the reply is not XML-RPC');
  if (texts.has(`${RESPONSE}/fault`)) {
    const text = texts.get(`${RESPONSE}/fault/value/struct/member/value/string`);
    throw new XmlRpcError(`the call failed: ${text ?? 'MoM does not say why'}`);
  }
  return texts.get(`${RESPONSE}/params/param/value/boolean`)?.trim() === '1';
}

const RESPONSE = 'methodResponse';

/** The text of each element by its path of names; texts of elements with the same path are joined. */
function textsByPath(body: string): ReadonlyMap<string, string> {
  if (/<!DOCTYPE/i.test(body)) throw new XmlRpcError('the reply has a DOCTYPE');
  const texts = new Map<string, string>();
  const path: string[] = [];
  const add = (text: string): void => {
    const place = path.join('/');
    texts.set(place, (texts.get(place) ?? '') + text);
  };
  const parser = new SaxesParser({ position: false });
  parser.on('opentag', ({ name }) => {
    path.push(name);
    add('');
  });
  parser.on('closetag', () => {
    path.pop();
  });
  parser.on('text', add);
  parser.on('cdata', add);
  try {
    parser.write(body).close();
  } catch (cause) {
    throw new XmlRpcError('the reply is not XML', { cause });
  }
  return texts;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
