import { expect, test } from '@jest/globals';
import { canonicalUuid } from '../../src/common/uuid.ts';

const uuid = '6f1c0c54-0000-4000-8000-0000000000aa';

test.each([
  ['without hyphens', '6f1c0c540000400080000000000000aa'],
  ['in upper case', '6F1C0C54-0000-4000-8000-0000000000AA'],
  ['with blanks around', `  ${uuid}  `],
  ['with line breaks around', `\n\t${uuid}\n`],
  ['with blanks for hyphens', '6f1c0c54 0000 4000 8000 0000000000aa'],
  ['with other groups', '6f-1c-0c-54 0000-4000--8000-0000000000aa'],
  ['with a hyphen in front', `-${uuid}`],
])('a UUID %s is read as libvirt reads it', (_, text) => {
  expect(canonicalUuid(text)).toBe(uuid);
});

test.each([
  ['nothing', ''],
  ['blanks', '   '],
  ['31 digits', uuid.slice(1)],
  ['34 digits', `${uuid}bb`],
  ['braces', `{${uuid}}`],
  ['a hyphen behind', `${uuid}-`],
  ['a hyphen within a byte', `6-${uuid.slice(1)}`],
  ['a tab between bytes', uuid.replace('-', '\t')],
  ['another letter', uuid.replace('f', 'g')],
])('%s is no UUID, as for libvirt', (_, text) => {
  expect(canonicalUuid(text)).toBeUndefined();
});
