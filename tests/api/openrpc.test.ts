import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { boolean, object, text, UUID } from '../../schema/types.ts';
import { openRpc } from '../../src/api/openrpc.ts';
import type { Contract } from '../../src/api/verb.ts';
import { loadVerbs } from '../../src/api/loadVerbs.ts';

// its types declare the document, not the exported schema
const { openrpcDocument } = createRequire(import.meta.url)('@open-rpc/meta-schema') as {
  readonly openrpcDocument: Readonly<Record<string, unknown>>;
};

const stop: Contract = {
  summary: 'Stop a VM',
  description: 'Stop a VM at once.',
  params: object({ vmID: UUID }, { graceful: boolean }),
  result: { const: true },
  since: '1.0.0',
  stability: 'stable',
  access: 'read',
  changes: ['status'],
  errors: ['NoSuchVM'],
  examples: [{ name: 'stop', params: { vmID: 'x' }, result: true }],
};
const ask: Contract = {
  description: 'Ask.',
  params: object({}),
  result: text,
  since: '1.1.0',
  stability: 'experimental',
  access: 'read',
  changes: [],
  errors: [],
};

function validate(document: object): readonly object[] {
  const ajv = new Ajv({ strict: false, formats: { uri: true } });
  // the package lacks the schema of schemas that it refers to
  const definitions = { JSONSchemaObject: { properties: { $ref: { type: 'string' } } } };
  ajv.addSchema({ definitions }, 'https://meta.json-schema.tools');
  ajv.addSchema({ definitions }, 'https://meta.json-schema.tools/');
  const { $schema, ...schema } = openrpcDocument;
  expect($schema).toBe('https://meta.json-schema.tools/');
  ajv.validate(schema, document);
  return ajv.errors ?? [];
}

test('a contract becomes a method with params, result and errors', () => {
  const document = openRpc(
    new Map([
      ['VM.stop', stop],
      ['VM.ask', ask],
    ]),
    '1.2.3',
  );
  expect(document.info.version).toBe('1.2.3');
  expect(document.methods).toEqual([
    {
      name: 'VM.ask',
      description: 'Ask.',
      paramStructure: 'either',
      params: [],
      result: { name: 'result', schema: text },
      'x-since': '1.1.0',
      'x-stability': 'experimental',
    },
    {
      name: 'VM.stop',
      summary: 'Stop a VM',
      description: 'Stop a VM at once.',
      paramStructure: 'either',
      params: [
        { name: 'vmID', required: true, schema: UUID },
        { name: 'graceful', required: false, schema: boolean },
      ],
      result: { name: 'result', schema: { const: true } },
      errors: [{ code: 1, message: 'Virtual machine does not exist' }],
      examples: [
        {
          name: 'stop',
          params: [{ name: 'vmID', value: 'x' }],
          result: { name: 'result', value: true },
        },
      ],
      'x-since': '1.0.0',
      'x-stability': 'stable',
    },
  ]);
});

test("the document is valid by OpenRPC's own schema", () => {
  expect(
    validate(
      openRpc(
        new Map([
          ['VM.stop', stop],
          ['VM.ask', ask],
        ]),
        '1.2.3',
      ),
    ),
  ).toEqual([]);
  expect(validate({ openrpc: '1.3.2' })).not.toEqual([]);
});

test("the document of all verbs is valid by OpenRPC's own schema", async () => {
  const contracts = [...(await loadVerbs())].map(([name, verb]) => [name, verb.contract] as const);
  expect(validate(openRpc(new Map(contracts), '0.0.0'))).toEqual([]);
});
