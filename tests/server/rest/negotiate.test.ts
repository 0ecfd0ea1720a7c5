import { expect, test } from '@jest/globals';
import { formatOf, formatWanted } from '../../../src/server/rest/negotiate.ts';

test.each([
  [undefined, 'xml'],
  ['*/*', 'xml'],
  ['application/*', 'xml'],
  ['application/json', 'json'],
  ['application/json, text/plain, */*', 'json'],
  ['text/xml', 'xml'],
  ['application/xml; version=4', 'xml'],
  ['application/xml;q=0.5, application/json;q=0.9', 'json'],
  ['application/json;q=0.2, */*;q=0.1', 'json'],
  ['application/json;q=0, */*', 'xml'],
  ['application/json, application/xml', 'json'],
  ['application/xml, application/json', 'xml'],
  ['APPLICATION/JSON', 'json'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'xml'],
  ['text/html', undefined],
  ['application/json;q=much', undefined],
  ['*/*;q=0', undefined],
  ['', 'xml'],
  [',', 'xml'],
  ['text/*', 'xml'],
  ['text/*;q=0.5, application/json', 'json'],
  ['text/*, */*;q=0.1', 'xml'],
  ['text/*;q=0.2, */*', 'xml'],
  ['application/json;q=0.5, text/*', 'xml'],
  ['text/*, application/json', 'json'],
  ['text/*;q=0', undefined],
  ['text/html, application/*;q=0', undefined],
])('Accept "%s" selects %s', (accept, format) => {
  expect(formatWanted(accept)).toBe(format);
});

test('without a preference the response has the format of the body', () => {
  expect(formatWanted('*/*', 'json')).toBe('json');
  expect(formatWanted('', 'json')).toBe('json');
});

test.each([
  ['application/xml', 'xml'],
  ['text/xml; charset="UTF-8"', 'xml'],
  ['application/json;charset=utf-8', 'json'],
  ['application/json; charset=us-ascii', 'json'],
  ['application/json; charset=utf-16', undefined],
  ['application/jsonp', undefined],
  ['text/plain', undefined],
  ['', undefined],
  [undefined, undefined],
])('a body of type "%s" is %s', (type, format) => {
  expect(formatOf(type)).toBe(format);
});
