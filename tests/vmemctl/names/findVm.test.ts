import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findVm, nameOf, type Named } from '../../../src/vmemctl/names/findVm.ts';
import { assertProperty } from '../../support/property.ts';

const web1 = { id: 'ab12cd34-0000-4000-8000-000000000001', name: 'web1' };
const web2 = { id: 'ab99cd34-0000-4000-8000-000000000002', name: 'web2' };
const database = { id: '77777777-0000-4000-8000-000000000003', name: 'Database' };
const confusing = { id: '88888888-0000-4000-8000-000000000004', name: 'ab12' };
const nameless = { id: '99999999-0000-4000-8000-000000000005' };
const vms: readonly Named[] = [web1, web2, database, confusing, nameless];

describe('a VM is found', () => {
  test.each([
    ['by its UUID', web1.id, web1],
    ['by its UUID in capitals', web1.id.toUpperCase(), web1],
    ['by its UUID without hyphens', web1.id.replaceAll('-', ''), web1],
    ['by its name', 'web2', web2],
    ['by its name in other capitals', 'DATABASE', database],
    ['by the beginning of its name', 'data', database],
    ['by the beginning of its UUID', 'ab9', web2],
    ['by its name where another one has it as the beginning of its UUID', 'ab12', confusing],
    ['by its UUID if it has no name', '999', nameless],
  ])('%s', (_, word, vm) => {
    expect(findVm(word, vms)).toEqual({ vm });
  });
});

describe('a word that may be several VMs names them', () => {
  test('by their names', () => {
    expect(findVm('web', vms)).toEqual({
      reason: 'ambiguous',
      message:
        '"web" may be web1 (ab12cd34) or web2 (ab99cd34); write more of the name or of the UUID.',
    });
  });

  test('by name and UUID', () => {
    expect(findVm('ab', vms)).toEqual({
      reason: 'ambiguous',
      message:
        '"ab" may be web1 (ab12cd34), web2 (ab99cd34) or ab12 (88888888); write more of the name or of the UUID.',
    });
  });

  test('and not more than five', () => {
    const many = Array.from({ length: 9 }, (_, n) => ({
      id: `id-${String(n)}`,
      name: `n${String(n)}`,
    }));
    expect(findVm('n', many)).toMatchObject({
      message: expect.stringContaining('n4 (id-4) and 4 more; ') as unknown,
    });
  });

  test('where two have the same name', () => {
    const twins = [web1, { ...web2, name: 'web1' }];
    expect(findVm('web1', twins)).toMatchObject({ reason: 'ambiguous' });
  });
});

describe('a word for no VM', () => {
  test.each([
    ['finds a name that is near', 'wbe1', 'There is no VM "wbe1". Did you mean "web1"?'],
    ['says where names are listed', 'other', 'There is no VM "other". See vmemctl list.'],
    ['may be empty', '', 'There is no VM "". See vmemctl list.'],
  ])('%s', (_, word, message) => {
    expect(findVm(word, vms)).toEqual({ reason: 'unknown', message });
  });

  test('says that there are none', () => {
    expect(findVm('web', [])).toMatchObject({
      message: 'There is no VM "web". The host has no VMs.',
    });
  });
});

test('every VM with a name of its own is found by it, and by its UUID', () => {
  const vm = fc.record({ id: fc.uuid(), name: fc.string({ minLength: 1, maxLength: 6 }) });
  assertProperty(
    fc.property(
      fc.uniqueArray(vm, { selector: ({ name }) => name, minLength: 1, maxLength: 6 }),
      (all) => {
        for (const each of all) {
          expect(findVm(each.id, all)).toEqual({ vm: each });
          if (!all.some(({ id }) => id === each.name))
            expect(findVm(nameOf(each), all).vm).toBe(each);
        }
      },
    ),
  );
});
