import { createHash } from 'node:crypto';

/** A package that what is released contains. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
}

/** Licences whose terms a copy of the licence meets. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

const isAllowed = (license: string): boolean =>
  license
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((each) => ALLOWED.has(each)));

/** Returns the packages whose licence nobody has allowed, as text. */
export const refusedLicences = (packages: readonly Bundled[]): string[] =>
  packages
    .filter(({ license }) => !isAllowed(license))
    .map(({ name, version, license }) => `${name} ${version}: ${license}`);

interface Bill {
  readonly version: string;
  readonly packages: readonly Bundled[];
  /** Returns the digest of a package as package-lock.json has it: `sha512-` and base64. */
  readonly integrity: (name: string) => string | undefined;
  readonly time: Date;
}

/** Returns a software bill of materials, CycloneDX 1.6; of the same packages the same text. */
export function billOf({ version, packages, integrity, time }: Bill): string {
  const main = { name: 'vmemd', version, license: 'Apache-2.0' };
  const component = componentOf(main, 'application');
  const components = packages.map((each) => ({
    ...componentOf(each, 'library'),
    ...hashesOf(integrity(each.name)),
  }));
  const dependencies = [
    { ref: component['bom-ref'], dependsOn: components.map((each) => each['bom-ref']) },
  ];
  const content = {
    metadata: { timestamp: time.toISOString(), component },
    components,
    dependencies,
  };
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function componentOf({ name, version, license }: Bundled, type: string) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const licenses =
    /[ (]/.test(license) ? [{ expression: license }] : [{ license: { id: license } }];
  return { type, 'bom-ref': purl, name, version, purl, licenses };
}

function hashesOf(integrity: string | undefined) {
  const [, digest] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  if (digest === undefined) return {};
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] };
}

/** Returns a UUID of version 8 that only depends on the text. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
