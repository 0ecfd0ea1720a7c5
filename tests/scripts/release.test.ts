import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checksums } from '../../scripts/lib/release/artefacts.ts';
import { billOf, refusedLicences } from '../../scripts/lib/release/bundled.ts';
import {
  compareVersions,
  complaintsOf,
  isVersion,
  released,
  unreleased,
} from '../../scripts/lib/release/changelog.ts';

const root = join(import.meta.dirname, '../..');
const changelog = `# Changelog

## [Unreleased]

### Added

- One thing,
  in two lines.

## [1.2.0] - 2026-01-02

### Fixed

- Another.
`;

describe('the changelog', () => {
  test('of the project is as Keep a Changelog has it', () => {
    const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
    expect(complaintsOf(text)).toEqual([]);
  });

  test('is cut at the release', () => {
    expect(unreleased(changelog)).toBe('### Added\n\n- One thing,\n  in two lines.');
    const after = released(changelog, '1.3.0', '2026-02-03');
    expect(after).toContain('## [Unreleased]\n\n## [1.3.0] - 2026-02-03\n\n### Added\n\n- One');
    expect(unreleased(after)).toBe('');
    expect(complaintsOf(after)).toEqual([]);
  });

  test.each([
    ['# Changes\n', '# Changelog'],
    [changelog.replace('[Unreleased]', 'Unreleased'), 'first section'],
    [changelog.replace('2026-01-02', 'January'), 'YYYY-MM-DD'],
    [changelog.replace('Fixed', 'Mended'), 'Mended is none of'],
    [changelog.replace('- Another.\n', ''), 'Fixed is empty'],
    [changelog.replace('### Added\n', ''), 'in no section: - One thing'],
    [`${changelog}\n### Fixed\n\n- More.\n`, 'more than one section Fixed'],
    [`${changelog}\n## [1.10.0] - 2025-01-01\n`, '1.10.0 stands below 1.2.0'],
  ])('with a mistake is refused: %j', (text, complaint) => {
    expect(complaintsOf(text).join('\n')).toContain(complaint);
  });
});

test('versions are those of Semantic Versioning', () => {
  expect(['1.0.0', '1.0.0-rc.1', '1.0', 'v1.0.0', '1.0.0 '].map(isVersion)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const ordered = ['0.9.0', '0.10.0', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', '1.0.1'];
  expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
});

test('a bundled package with a licence that is not allowed is named', () => {
  const licences = [
    'MIT',
    '(MIT OR GPL-3.0)',
    'MIT AND ISC',
    'GPL-3.0-only',
    'MIT AND GPL-3.0-only',
  ];
  const packages = licences.map((license, i) => ({
    name: `p${String(i)}`,
    version: '1.0.0',
    license,
  }));
  expect(refusedLicences(packages)).toEqual([
    'p3 1.0.0: GPL-3.0-only',
    'p4 1.0.0: MIT AND GPL-3.0-only',
  ]);
});

test('the bill of materials names each package with its licence and digest', () => {
  const bill = () =>
    billOf({
      version: '1.2.3',
      packages: [{ name: '@a/b', version: '2.0.0', license: 'MIT' }],
      integrity: (name) => (name === '@a/b' ? 'sha512-AAEC' : undefined),
      time: new Date(0),
    });
  expect(bill()).toBe(bill());
  expect(JSON.parse(bill())).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: expect.stringMatching(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab]/),
    metadata: {
      timestamp: '1970-01-01T00:00:00.000Z',
      component: { name: 'vmemd', version: '1.2.3' },
    },
    components: [
      {
        name: '@a/b',
        purl: 'pkg:npm/%40a/b@2.0.0',
        licenses: [{ license: { id: 'MIT' } }],
        hashes: [{ alg: 'SHA-512', content: '000102' }],
      },
    ],
    dependencies: [{ ref: 'pkg:npm/vmemd@1.2.3', dependsOn: ['pkg:npm/%40a/b@2.0.0'] }],
  });
});

test('checksums are those that sha256sum checks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    writeFileSync(join(folder, 'b'), 'B');
    writeFileSync(join(folder, 'a'), 'A');
    writeFileSync(join(folder, 'SHA256SUMS'), checksums(folder));
    const said = execFileSync('sha256sum', ['--check', 'SHA256SUMS'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(said).toBe('a: OK\nb: OK\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a version is written in package.json, and generated from there', () => {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(root, name), 'utf8')) as { version: string };
  const { version } = read('package.json');
  expect(read('package-lock.json').version).toBe(version);
  const { info } = JSON.parse(readFileSync(join(root, 'schema/openrpc.json'), 'utf8')) as {
    info: { version: string };
  };
  expect(info.version).toBe(version);
});
