import type { TLSSocket } from 'node:tls';
import type { CertificateNames } from '../../access/rule.ts';

/** Returns the names in the certificate that a client has shown; none if it has shown none. */
export function certificateNames(socket: Pick<TLSSocket, 'getPeerCertificate'>): CertificateNames {
  const { subject = {}, subjectaltname = '' } = socket.getPeerCertificate() as {
    readonly subject?: Readonly<Record<string, unknown>>;
    readonly subjectaltname?: string;
  };
  return {
    cn: texts(subject['CN']),
    ou: texts(subject['OU']),
    san: alternativeNames(subjectaltname),
  };
}

/** A part of a subject that occurs several times is a list. */
const texts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');

/** Node quotes a name, as JSON, that could be mistaken for several. */
const NAME = /(?:^|, )(DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/y;
const OTHER = /(?:^|, )[^:,"]+:(?:"(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/y;

/** Returns the names that Node writes as `DNS:one.example, IP Address:192.0.2.1`; none if they cannot be read. */
export function alternativeNames(text: string): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at < text.length;) {
    NAME.lastIndex = OTHER.lastIndex = at;
    const [whole, , name] = NAME.exec(text) ?? OTHER.exec(text) ?? [];
    if (whole === undefined || whole === '') return [];
    if (name !== undefined) names.push(name.startsWith('"') ? String(JSON.parse(name)) : name);
    at += whole.length;
  }
  return names;
}
