import { describe, expect, test } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { isTrue, methodCall, XmlRpcError } from '../../../src/policy/mom/xmlRpc.ts';
import { fault, saying } from '../../support/fakeMom.ts';
import { assertProperty } from '../../support/property.ts';

describe('a call', () => {
  test('has its method and its texts in order', () => {
    expect(methodCall('setNamedPolicy', ['01-parameters', '(set a True)'])).toBe(
      "<?xml version='1.0'?><methodCall><methodName>setNamedPolicy</methodName><params>" +
        '<param><value><string>01-parameters</string></value></param>' +
        '<param><value><string>(set a True)</string></value></param></params></methodCall>',
    );
    expect(methodCall('ping', [])).toContain('<params></params>');
  });

  test('escapes any text', () => {
    const reader = new XMLParser({ parseTagValue: false, trimValues: false });
    assertProperty(
      fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (text) => {
        const { methodCall: read } = reader.parse(methodCall('setPolicy', [text])) as {
          methodCall: { params: { param: { value: { string: string } } } };
        };
        expect(read.params.param.value.string).toBe(text);
      }),
    );
  });
});

describe('a reply', () => {
  test('is true or false', () => {
    expect(isTrue(saying(true))).toBe(true);
    expect(isTrue(saying(false))).toBe(false);
  });

  test.each([
    '<methodResponse/>',
    '<methodResponse><params/></methodResponse>',
    '<methodResponse><params><param><value>1</value></param></params></methodResponse>',
    '<methodResponse><params><param><value><int>1</int></value></param></params></methodResponse>',
    '<methodResponse><params><param><value><nil/></value></param></params></methodResponse>',
  ])('without a boolean is not true: %s', (body) => {
    expect(isTrue(body)).toBe(false);
  });

  test('that is a fault throws its text', () => {
    expect(() => isTrue(fault)).toThrow(XmlRpcError);
    expect(() => isTrue(fault)).toThrow('KeyError');
  });

  test.each([
    '',
    'true',
    '{"result":true}',
    '<html></html>',
    '<methodResponse>',
    saying(true).slice(0, -20),
    `<!DOCTYPE x [<!ENTITY y "1">]>${saying(true)}`,
  ])('that is not XML-RPC throws: %j', (body) => {
    expect(() => isTrue(body)).toThrow(XmlRpcError);
  });

  test('any reply gives a boolean or an XmlRpcError', () => {
    const piece = fc.constantFrom(
      '<methodResponse>',
      '</methodResponse>',
      '<params>',
      '<param>',
      '<value>',
      '<boolean>1</boolean>',
      '<fault/>',
      '<__proto__>',
      '&amp;',
      '<![CDATA[',
      ']]>',
      '<!DOCTYPE a>',
      '\u0000',
      'x',
    );
    assertProperty(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          expect(typeof isTrue(pieces.join(''))).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(XmlRpcError);
        }
      }),
    );
  });
});
