import { expect, test } from '@jest/globals';
import { checkExtent } from '../../src/domain-xml/extent.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';

test.each([
  ['elements', '<a></a>'],
  ['empty elements', '<a/>'],
  ['comments', '<!-- a -->'],
  ['CDATA', '<![CDATA[a]]>'],
  ['attributes', 'a="1" '],
  ['attributes with blanks', "a\n=\t'1'\n"],
])('up to 5000 %s are accepted', (_, part) => {
  expect(() => {
    checkExtent(part.repeat(5000));
  }).not.toThrow();
  expect(() => {
    checkExtent(part.repeat(5001));
  }).toThrow(
    new DomainXmlError('the XML has more than 5000 elements and attributes; leave some out'),
  );
});

test('text up to 256 KiB is accepted', () => {
  const most = 'x'.repeat(256 * 1024);
  expect(() => {
    checkExtent(most);
  }).not.toThrow();
  expect(() => {
    checkExtent(`${most}x`);
  }).toThrow('longer than 256 KiB');
});
