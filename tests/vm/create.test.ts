import { expect, test } from '@jest/globals';
import { parseDomain } from '../../src/domain-xml/parse.ts';
import { newDomain } from '../../src/vm/create.ts';
import { idOf, parameters, settings } from '../support/world.ts';

const create = (given: object) => newDomain(idOf(1), given, settings);

test('whichever form it comes in, a new domain is marked as ours', () => {
  const built = create(parameters());
  expect(parseDomain(built.xml).metadata).toMatchObject({ external: false });
  const theirs = "<external type='bool'>true</external>";
  const xml = built.xml.replace(/<ovirt-vm:external.*?<\/ovirt-vm:external>/, theirs);
  expect(parseDomain(create({ xml }).xml).metadata).toMatchObject({ external: false });
});

test('what vmemd has nothing to do with stays in the XML', () => {
  const xml = `<domain type='kvm'><name>x</name><uuid>${idOf(1)}</uuid><memory>1048576</memory>
    <devices><disk type='file' device='disk'><source file='/x'/></disk><memballoon model='none'/></devices></domain>`;
  expect(create({ xml }).xml).toMatch(/<source file=["']\/x["']\/>/);
});

test('a balloon at its maximum needs no target in the metadata', () => {
  expect(parseDomain(create(parameters()).xml).metadata).not.toHaveProperty('balloonTarget');
});

test('errors that are no fault of the client are passed on as they are', () => {
  const devices = new Proxy([], {
    get: () => {
      throw new TypeError('bug');
    },
  });
  expect(() => create(parameters(1, { devices }))).toThrow(TypeError);
});
