import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../../common/messageOf.ts';
import { type Check, fail, info, ok, warn } from './check.ts';

/** The files of a daemon's TLS. */
export interface PkiFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const NAME = 'certificates';
const DAY_MS = 86_400_000;
/** Before a certificate ends so many days are left to renew it. */
const EARLY_DAYS = 30;

/** Checks certificates and the key as far as this user may read them; `now` is in milliseconds since 1970. */
export function checkCertificates({ ca, cert, key }: PkiFiles, now: number): Check[] {
  const read = [ca, cert].map((file) => certificateIn(file));
  const failures = read.filter((each) => 'missing' in each);
  if (failures.every(({ missing }) => missing === 'ENOENT') && failures.length === 2) {
    return [
      info(
        NAME,
        `there are none in ${ca}: other machines cannot connect; vmemd pki --init makes some for trials`,
      ),
    ];
  }
  const checks = read.flatMap((each) =>
    'missing' in each ? [unreadable(each)] : validity(each, now),
  );
  const [own] = read.slice(1);
  return own && !('missing' in own) ? [...checks, ...checkKey(key, own.certificate)] : checks;
}

interface Found {
  readonly file: string;
  readonly certificate: X509Certificate;
}
interface Missing {
  readonly file: string;
  readonly missing: string;
}

function certificateIn(file: string): Found | Missing {
  try {
    return { file, certificate: new X509Certificate(readFileSync(file)) };
  } catch (error) {
    return { file, missing: (error as NodeJS.ErrnoException).code ?? messageOf(error) };
  }
}

function unreadable({ file, missing }: Missing): Check {
  if (missing === 'EACCES') return info(NAME, `this user may not read ${file}`);
  if (missing === 'ENOENT')
    return fail(NAME, `${file} does not exist: create it, or set [vars] pki_path`);
  return fail(NAME, `${file} is no certificate (${missing}): replace it`);
}

function validity({ file, certificate }: Found, now: number): Check[] {
  const [begin, end] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const days = Math.floor((end - now) / DAY_MS);
  if (now < begin)
    return [fail(NAME, `${file} is valid only from ${dateOf(begin)}: compare the clocks`)];
  if (now > end)
    return [fail(NAME, `${file} expired on ${dateOf(end)}: renew it, vmemd reloads it by itself`)];
  if (days < EARLY_DAYS) {
    return [
      warn(NAME, `${file} expires in ${String(days)} days: renew it, vmemd reloads it by itself`),
    ];
  }
  return [ok(NAME, `${file} is valid until ${dateOf(end)}`)];
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

function checkKey(file: string, certificate: X509Certificate): Check[] {
  try {
    const { mode } = statSync(file);
    if ((mode & 0o004) !== 0) {
      return [fail(NAME, `every user may read the key ${file}: chmod o-r it, and renew it`)];
    }
    if (certificate.checkPrivateKey(createPrivateKey(readFileSync(file)))) return [];
    return [fail(NAME, `${file} is not the key of the certificate: replace one of them`)];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return [];
    if (code === 'ENOENT') return [fail(NAME, `the key ${file} does not exist: create it`)];
    return [fail(NAME, `${file} is no usable key (${messageOf(error)}): replace it`)];
  }
}
