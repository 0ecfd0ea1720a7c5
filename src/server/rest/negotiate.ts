import { type Format, MEDIA_TYPES } from './representation.ts';

interface Range {
  readonly type: string;
  /** The preference, from 0 to 1. */
  readonly q: number;
}

/** Returns the format of the response by the Accept header, undefined if it accepts neither; `otherwise` on a tie. */
export function formatWanted(accept = '', otherwise: Format = 'xml'): Format | undefined {
  // an empty list counts as no header
  if (/^[\s,]*$/.test(accept)) return otherwise;
  const ranges = accept.split(',').map(rangeOf);
  const [xml, json] = [preference('xml', ranges), preference('json', ranges)];
  if (xml.q <= 0 && json.q <= 0) return undefined;
  if (xml.q !== json.q) return xml.q > json.q ? 'xml' : 'json';
  // a named type precedes a wildcard, and the first of two names the second
  if (xml.place === json.place) return otherwise;
  return xml.place < json.place ? 'xml' : 'json';
}

/** Returns the format of a body by its Content-Type; undefined if it is neither. */
export function formatOf(contentType = ''): Format | undefined {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType) ?? [];
  if (!isReadable(charset)) return undefined;
  const { type } = rangeOf(contentType);
  return formats.find((format) => MEDIA_TYPES[format].includes(type));
}

/** Returns whether text in this encoding can be decoded as UTF-8. */
export const isReadable = (encoding: string): boolean => /^(utf-8|us-ascii)$/i.test(encoding);

const formats = ['xml', 'json'] as const;

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const value = q === undefined ? 1 : Number(q);
  return { type, q: Number.isNaN(value) ? 0 : value };
}

/** Returns a format's preference and its position in the list, which is Infinity if only a wildcard matches. */
function preference(format: Format, ranges: readonly Range[]): { q: number; place: number } {
  const place = ranges.findIndex(({ type }) => MEDIA_TYPES[format].includes(type));
  if (place >= 0) return { q: ranges[place]?.q ?? 0, place };
  const q = (type: string): number | undefined => ranges.find((range) => range.type === type)?.q;
  const any = q('application/*') ?? q('*/*') ?? 0;
  // text/* includes text/xml
  return { q: format === 'xml' ? Math.max(any, q('text/*') ?? 0) : any, place: Infinity };
}
