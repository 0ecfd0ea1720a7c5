import { XMLParser } from 'fast-xml-parser';

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
  const { methodResponse } = read(body);
  if (methodResponse === undefined) throw new XmlRpcError('the reply is not XML-RPC');
  if (methodResponse.fault !== undefined) {
    throw new XmlRpcError(`the call failed: ${JSON.stringify(methodResponse.fault)}`);
  }
  return methodResponse.params?.param?.value?.boolean === '1';
}

interface Answer {
  readonly methodResponse?: {
    readonly fault?: unknown;
    readonly params?: { readonly param?: { readonly value?: { readonly boolean?: unknown } } };
  };
}

/** The part of the parser's interface in use; with `validate` it refuses malformed XML. */
interface Parser {
  parse(xml: string, validate: true): unknown;
}

const parser: Parser = new XMLParser({ parseTagValue: false });

function read(body: string): Answer {
  if (/<!DOCTYPE/i.test(body)) throw new XmlRpcError('the reply has a DOCTYPE');
  try {
    return parser.parse(body, true) as Answer;
  } catch (cause) {
    throw new XmlRpcError('the reply is not XML', { cause });
  }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
