/** What is known of a verb that is to be written. */
export interface NewVerb {
  readonly name: string;
  readonly access: string;
  /** What it changes, by the names of src/api/changes.ts. */
  readonly changes: readonly string[];
  readonly description: string;
  /** The version of vmemd that will be the first with it. */
  readonly since: string;
}

/** Returns the files of a verb by path: each complies with the checks, and the tests fail until all is written. */
export function verbFiles(verb: NewVerb): Readonly<Record<string, string>> {
  const isOfVm = verb.name.startsWith('VM.');
  return {
    [`schema/verbs/${verb.name}.ts`]: contractFile(verb, isOfVm),
    [`src/verbs/${verb.name}.ts`]: handlerFile(verb, isOfVm),
    [`tests/verbs/${verb.name}.test.ts`]: isOfVm ? vmTest(verb) : hostTest(verb),
    [`fixtures/verbs/${verb.name}.json`]: fixture(verb, isOfVm),
  };
}

const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"') ?
    `"${text}"`
  : `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;

const contractFile = (
  { access, changes, description, since }: NewVerb,
  isOfVm: boolean,
): string => `import { object${isOfVm ? ', UUID' : ''} } from '../types.ts';

export default {
  description: ${quoted(description)},
  params: object({${isOfVm ? ' vmID: UUID ' : ''}}),
  result: object({}),
  since: '${since}',
  stability: 'experimental',
  access: '${access}',
  changes: [${changes.map(quoted).join(', ')}],
  errors: [${isOfVm ? "'NoSuchVM'" : ''}],
  refusesUnknown: true,
} as const;
`;

const handlerFile = (
  { name }: NewVerb,
  isOfVm: boolean,
): string => `import schema from '../../schema/verbs/${name}.ts';
import { verb } from '../api/verb.ts';

${
  isOfVm ?
    `export default verb(schema, async ({ vmID }, { vms }) => {
  const { id } = vms.get(vmID);
  await Promise.reject(new Error(\`${name} is not written yet, so VM \${id} is unchanged\`));
  return {};
});
`
  : `export default verb(schema, async () => {
  await Promise.reject(new Error('${name} is not written yet'));
  return {};
});
`
}`;

const vmTest = ({ name }: NewVerb): string => `import { expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';
import { refusesBadIds } from '../support/vmVerb.ts';

refusesBadIds('${name}');

test('name here the scenario and the result', async () => {
  const { ask } = await openGuest();
  expect(await ask('${name.replace('VM.', '')}')).toEqual(
    'write here what ${name} returns for a VM of 1 GiB that is Up, then what it changed',
  );
});
`;

const hostTest = ({ name }: NewVerb): string => `import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test('name here the scenario and the result', async () => {
  const world = await World.open();
  expect(await world.call('${name}')).toEqual('write here what ${name} returns');
});
`;

const fixture = ({ name }: NewVerb, isOfVm: boolean): string => {
  const exchange = {
    name: 'as usual',
    ...(isOfVm && {
      given: 'a VM that is Up',
      params: { vmID: '00000000-0000-4000-8000-000000000001' },
    }),
    result: `write here what ${name} returns`,
  };
  return `${JSON.stringify([exchange], null, 2)}\n`;
};
