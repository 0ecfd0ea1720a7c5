import { type Format, MEDIA_TYPES } from './representation.ts';

interface Range {
  readonly type: string;
  /** How much it is wanted, from 0 to 1. */
  readonly q: number;
}

/** How an answer is to be written by the request's Accept header; undefined where that wants nothing that we have. */
export function formatWanted(accept = '', otherwise: Format = 'xml'): Format | undefined {
  // a list of nothing is as none
  if (/^[\s,]*$/.test(accept)) return otherwise;
  const ranges = accept.split(',').map(rangeOf);
  const [xml, json] = [wish('xml', ranges), wish('json', ranges)];
  if (xml.q <= 0 && json.q <= 0) return undefined;
  if (xml.q !== json.q) return xml.q > json.q ? 'xml' : 'json';
  // whoever names one of them means it, whatever else is welcome
  if (xml.place === json.place) return otherwise;
  return xml.place < json.place ? 'xml' : 'json';
}

/** How a body is written by its Content-Type; undefined where that is none of ours. */
export function formatOf(contentType = ''): Format | undefined {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType) ?? [];
  if (!isReadable(charset)) return undefined;
  const { type } = rangeOf(contentType);
  return formats.find((format) => MEDIA_TYPES[format].includes(type));
}

/** Whether what is in this encoding can be read as UTF-8. */
export const isReadable = (encoding: string): boolean => /^(utf-8|us-ascii)$/i.test(encoding);

const formats = ['xml', 'json'] as const;

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const value = q === undefined ? 1 : Number(q);
  return { type, q: Number.isNaN(value) ? 0 : value };
}

/** How much a format is wanted, and where in the list it is named: behind all others where only a wildcard fits. */
function wish(format: Format, ranges: readonly Range[]): { q: number; place: number } {
  const place = ranges.findIndex(({ type }) => MEDIA_TYPES[format].includes(type));
  if (place >= 0) return { q: ranges[place]?.q ?? 0, place };
  const q = (type: string): number | undefined => ranges.find((range) => range.type === type)?.q;
  const any = q('application/*') ?? q('*/*') ?? 0;
  // XML goes by a name below text, too
  return { q: format === 'xml' ? Math.max(any, q('text/*') ?? 0) : any, place: Infinity };
}
