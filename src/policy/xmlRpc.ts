import { XMLParser } from 'fast-xml-parser';

/** An XML-RPC answer that is a fault, or that cannot be read. */
export class XmlRpcError extends Error {
  override readonly name = 'XmlRpcError';
}

/** The body of a call whose params are all texts. */
export const methodCall = (method: string, params: readonly string[]): string =>
  `<?xml version='1.0'?><methodCall><methodName>${method}</methodName><params>${params
    .map((param) => `<param><value><string>${escaped(param)}</string></value></param>`)
    .join('')}</params></methodCall>`;

/** Whether a call was answered by a true boolean; throws {@link XmlRpcError} for a fault or anything unreadable. */
export function isTrue(body: string): boolean {
  const { methodResponse } = read(body);
  if (methodResponse === undefined) throw new XmlRpcError('the answer is not XML-RPC');
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

/** What is used of the parser: with `validate` it refuses what is not well-formed. */
interface Parser {
  parse(xml: string, validate: true): unknown;
}

const parser: Parser = new XMLParser({ parseTagValue: false });

function read(body: string): Answer {
  if (/<!DOCTYPE/i.test(body)) throw new XmlRpcError('the answer has a DOCTYPE');
  try {
    return parser.parse(body, true) as Answer;
  } catch (cause) {
    throw new XmlRpcError('the answer is not XML', { cause });
  }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
