import { describe, expect, test } from '@jest/globals';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import { newDomain } from '../../../src/vm/registry/creation.ts';
import { documents, domainOf } from '../../support/documents.ts';
import { idOf, parameters } from '../../support/world.ts';
import { settings } from '../../support/worldOptions.ts';

const create = (given: object) => newDomain(idOf(1), given, settings, { isTrusted: true });

/** Creates it as a client of the class operate. */
const createAsOperator = (xml: string) => newDomain(idOf(1), { xml }, settings);

test('a new domain is marked as ours, in both forms of VM.create', () => {
  const built = create(parameters());
  expect(parseDomain(built.xml).metadata).toMatchObject({ ownedUuid: idOf(1) });
  const copy = built.xml.replace(`<uuid>${idOf(1)}`, `<uuid>${idOf(2)}`);
  expect(parseDomain(create({ xml: copy }).xml).metadata).toMatchObject({ ownedUuid: idOf(2) });
});

test('a VM of an operator is refused if it could do more than its author, whose words say what', () => {
  const domain = (devices: string) =>
    `<domain type='kvm'><name>x</name><uuid>${idOf(1)}</uuid><memory>1048576</memory><devices>${devices}</devices></domain>`;
  expect(() => createAsOperator(domain('<emulator>/home/mallory/qemu</emulator>'))).toThrow(
    'Access denied: <emulator> is root-equivalent and needs the class admin',
  );
  const disk =
    "<disk type='file'><source file='/var/lib/libvirt/images/a'/><target dev='vda'/></disk>";
  expect(createAsOperator(domain(disk)).xml).toContain('/var/lib/libvirt/images/a');
});

describe('XML that exceeds a limit', () => {
  const domain = (devices: string) =>
    `<domain type='kvm'><name>x</name><uuid>${idOf(1)}</uuid><memory>1048576</memory><devices>${devices}</devices></domain>`;

  test.each([
    ['too many elements', domain('<a/>'.repeat(5000)), 'more than 5000 elements'],
    ['too much between elements', domain('a<b/>'.repeat(50_000)), 'more than 5000 elements'],
    ['too much text', domain('a'.repeat(256 * 1024)), 'longer than 256 KiB'],
    ['too many comments', domain('<!---->'.repeat(5000)), 'more than 5000 elements'],
    [
      'too many attributes',
      domain(`<a ${Array.from({ length: 5000 }, (_, n) => `a${String(n)} = '1'`).join(' ')}/>`),
      'more than 5000 elements',
    ],
  ])('is refused before it is read: %s', (_, xml, reason) => {
    expect(() => create({ xml })).toThrow(new RegExp(`General Exception: .*${reason}`));
  });

  test('is refused if it would exceed 256 KiB when it is written', () => {
    const xml = domain(`<a b='${'"'.repeat(200_000)}'/>`);
    expect(() => create({ xml })).toThrow(/requested VM.*longer than 256 KiB/);
  });

  test('is accepted up to the limit', () => {
    expect(create({ xml: domain('<a/>'.repeat(4900)) }).paused).toBe(false);
  });
});

test("vmemd's metadata of another domain are replaced", () => {
  const stale = `<metadata><vm xmlns='http://ovirt.org/vm/1.0'><balloonTarget>1</balloonTarget>
    <balloonTargetMemory>1</balloonTargetMemory><memoryJobs>{"jobs":[]}</memoryJobs></vm></metadata>`;
  const xml = `<domain type='kvm'><name>x</name><uuid>${idOf(1)}</uuid>${stale}<memory>1048576</memory></domain>`;
  expect(parseDomain(create({ xml }).xml).metadata).toEqual({
    ownedUuid: idOf(1),
    balloonTarget: 1_048_576,
    balloonTargetMemory: 1_048_576,
    balloonStory: '{"by":"start"}',
    memoryJobs: '',
  });
});

test('elements that vmemd does not use stay in the XML', () => {
  const xml = `<domain type='kvm'><name>x</name><uuid>${idOf(1)}</uuid><memory>1048576</memory>
    <devices><disk type='file' device='disk'><source file='/x'/></disk><memballoon model='none'/></devices></domain>`;
  expect(create({ xml }).xml).toMatch(/<source file=["']\/x["']\/>/);
});

test('a balloon at its maximum needs no target in the metadata', () => {
  expect(parseDomain(create(parameters()).xml).metadata).not.toHaveProperty('balloonTarget');
});

test('errors other than invalid XML are thrown unchanged', () => {
  const devices = new Proxy([], {
    get: () => {
      throw new TypeError('bug');
    },
  });
  expect(() => create(parameters(1, { devices }))).toThrow(TypeError);
});

describe("a client's domain is read as libvirt reads it", () => {
  const given = documents.map((document) => ({
    ...document,
    xml: domainOf(document, idOf(1), 'x'),
  }));

  test.each(given.filter(({ refusal }) => refusal !== undefined))(
    'and refused as libvirt refuses it: $title',
    ({ xml, refusal }) => {
      expect(() => create({ xml })).toThrow(refusal);
    },
  );

  test.each(given.filter(({ stored }) => stored !== undefined))(
    'and passed on as libvirt stores it: $title',
    ({ xml, stored }) => {
      const domain = parseDomain(create({ xml }).xml);
      expect(domain).toMatchObject({ uuid: idOf(1), memory: stored?.memory });
      expect(domain.currentMemory).toBe(stored?.current ?? domain.memory);
    },
  );
});

test.each([
  ['no name', '', 'name is empty'],
  ['blanks', ' ', 'name is empty'],
  ['a slash', 'a/b', 'control character or "/"'],
  ['a line break', 'a&#10;b', 'control character or "/"'],
  ['a folder', '..', 'names a folder'],
  ['too many bytes', 'x'.repeat(252), 'longer than 251 bytes'],
])('a new VM cannot have a name of %s', (_, name, reason) => {
  const xml = `<domain type='kvm'><name>${name}</name><uuid>${idOf(1)}</uuid><memory>1048576</memory></domain>`;
  expect(() => create({ xml })).toThrow(reason);
});
