import { pacedText } from '../../common/pacedText.ts';
import { jsonPieces } from './jsonText.ts';
import type { Members } from './members.ts';
import { xmlPieces } from './xmlText.ts';

/** The format of a representation. */
export type Format = 'xml' | 'json';

export const MEDIA_TYPES: Readonly<Record<Format, readonly [string, ...string[]]>> = {
  xml: ['application/xml', 'text/xml'],
  json: ['application/json'],
};

/**
 * Formats a resource as oVirt's REST API does. In XML, id, href and rel are attributes. In JSON, sizes are numbers,
 * booleans are strings ("true"), times are milliseconds since 1970.
 */
export const representationOf = (root: string, members: Members, format: Format): Promise<Buffer> =>
  pacedText(format === 'xml' ? xmlPieces(root, members) : jsonPieces(members));
