import { X509Certificate } from 'node:crypto';

/** A file of certificates, by the name that messages give it. */
export interface CertificateFile {
  readonly name: string;
  readonly certificates: readonly X509Certificate[];
}

const PEM =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** Reads all certificates of a PEM file; throws if there are none or one cannot be read. */
export function readCertificates(name: string, pem: Buffer): CertificateFile {
  const blocks = pem.toString('latin1').match(PEM) ?? [];
  if (blocks.length === 0) {
    const is = pem.length === 0 ? 'is empty' : 'holds no certificate in PEM';
    throw new Error(`${name} ${is}; give "-----BEGIN CERTIFICATE-----" and what follows`);
  }
  return { name, certificates: blocks.map((block, i) => readCertificate(name, block, i)) };
}

function readCertificate(name: string, block: string, index: number): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw new Error(`certificate ${String(index + 1)} of ${name} cannot be read`, { cause });
  }
}

/** More certificates than a chain has. */
const LONGEST = 10;

/**
 * Throws unless the first certificate of `own` leads to a root in `trusted`, over CAs in either file, all of them valid
 * at `now`. Without the root, clients reject the chain, and so does OpenSSL for the certificates of clients.
 */
export function checkChain(own: CertificateFile, trusted: CertificateFile, now: Date): void {
  const [first] = own.certificates;
  if (!first) return;
  let link: Link = { certificate: first, file: own };
  for (let length = 1; length <= LONGEST; length++) {
    checkDates(link, now);
    const { certificate } = link;
    const issuer = issuerOf(certificate, [trusted, own], now);
    if (!issuer) throw new Error(withoutIssuer(link, trusted));
    if (issuer.certificate.fingerprint256 === certificate.fingerprint256) {
      if (issuer.file === trusted) return;
      throw new Error(
        `${trusted.name} lacks ${nameOf(certificate)}, the root of ${own.name}; add it`,
      );
    }
    if (!issuer.certificate.ca) {
      const is = `${nameOf(issuer.certificate)} in ${issuer.file.name} is no CA`;
      throw new Error(
        `${is} (its basicConstraints lack CA:TRUE), but has issued ${nameOf(certificate)}`,
      );
    }
    link = issuer;
  }
  throw new Error(`the chain of ${own.name} has more than ${String(LONGEST)} certificates`);
}

interface Link {
  readonly certificate: X509Certificate;
  readonly file: CertificateFile;
}

/**
 * Returns the issuer, one of the first file if it is in several. After the renewal of a CA there may be several
 * certificates with its name and key: a valid one is preferred, then a root.
 */
function issuerOf(
  certificate: X509Certificate,
  files: readonly CertificateFile[],
  now: Date,
): Link | undefined {
  const rank = ({ certificate: each }: Link): number =>
    (isValid(each, now) ? 0 : 2) + (each.checkIssued(each) ? 0 : 1);
  return files
    .flatMap((file) => file.certificates.map((each) => ({ certificate: each, file })))
    .filter(
      ({ certificate: each }) =>
        certificate.checkIssued(each) && certificate.verify(each.publicKey),
    )
    .sort((a, b) => rank(a) - rank(b))[0];
}

const isValid = ({ validFrom, validTo }: X509Certificate, now: Date): boolean =>
  new Date(validFrom) <= now && now <= new Date(validTo);

function withoutIssuer({ certificate, file }: Link, trusted: CertificateFile): string {
  const issuer = oneLine(certificate.issuer);
  const is = `${nameOf(certificate)} in ${file.name} was issued by ${issuer}`;
  return `${is}, which is not in ${trusted.name}; add it, up to the root`;
}

function checkDates({ certificate, file }: Link, now: Date): void {
  const { validFrom, validTo } = certificate;
  const is = `${nameOf(certificate)} in ${file.name}`;
  if (new Date(validTo) < now) throw new Error(`${is} expired on ${validTo}; renew it`);
  if (new Date(validFrom) > now) {
    throw new Error(`${is} is not valid before ${validFrom}; check this machine's clock`);
  }
}

const nameOf = ({ subject }: X509Certificate): string => `"${oneLine(subject)}"`;

/** Returns a name without the line feeds by which Node separates its parts. */
const oneLine = (name: string | undefined): string => (name ?? '').replaceAll('\n', ', ');
