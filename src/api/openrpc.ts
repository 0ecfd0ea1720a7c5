import { type ErrorName, errors } from '../common/errors.ts';
import type { Contract } from './verb.ts';

/** Returns an OpenRPC 1.3.2 document of these contracts by method name. */
export const openRpc = (contracts: ReadonlyMap<string, Contract>, version: string) => ({
  openrpc: '1.3.2',
  info: {
    title: 'vmemd',
    version,
    description: "The memory agent of a KVM host: guest memory over oVirt's VDSM API, on libvirt.",
  },
  methods: [...contracts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, contract]) => method(name, contract)),
});

function method(name: string, { summary, description, params, result, ...rest }: Contract) {
  const required = new Set(params.required);
  return {
    name,
    ...(summary === undefined ? {} : { summary }),
    description,
    paramStructure: 'either',
    params: Object.entries(params.properties).map(([param, schema]) => ({
      name: param,
      required: required.has(param),
      schema,
    })),
    result: { name: 'result', schema: result },
    ...(rest.errors.length > 0 ? { errors: rest.errors.map(errorObject) } : {}),
    ...(rest.examples ? { examples: rest.examples.map(pairing) } : {}),
    'x-since': rest.since,
    'x-stability': rest.stability,
  };
}

function errorObject(name: ErrorName) {
  const [code, message] = errors[name];
  return { code, message };
}

const pairing = ({ name, params, result }: NonNullable<Contract['examples']>[number]) => ({
  name,
  params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
  result: { name: 'result', value: result },
});
