import { Ajv } from 'ajv';
import { loadVerbs } from '../../../src/api/loadVerbs.ts';
import type { Contract } from '../../../src/api/verb.ts';
import { verb } from '../../../src/api/verb.ts';
import { VdsmError } from '../../../src/common/errors.ts';
import { createRequest } from '../../support/call.ts';
import { methods, someParams } from '../jsonRpc.ts';
import type { Target, Verdict } from '../target.ts';

interface Input {
  readonly method: string;
  readonly params: unknown;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const integer = { type: 'number', validate: Number.isSafeInteger } as const;
const ajv = new Ajv({
  strict: false,
  formats: { uuid: UUID, KiB: integer, MiB: integer, Seconds: integer },
});

/** The checks of all verbs' params: what a handler gets is of its contract, and everything else is refused as InvalidParams. */
export const params: Target<Input> = {
  name: 'params',
  weight: 150,
  make(random) {
    const method = random.pick(methods);
    // as it comes from JSON
    const text = JSON.stringify(someParams(method, random)) as string | undefined;
    return { method: method.name, params: text === undefined ? undefined : JSON.parse(text) };
  },
  async open() {
    const verbs = new Map(
      [...(await loadVerbs())].map(([name, { contract }]) => [name, checked(contract)]),
    );
    return { judge: ({ method, params: given }) => verbs.get(method)?.(given) };
  },
};

function checked(contract: Contract): (params: unknown) => Promise<Verdict> {
  const isValid = ajv.compile(contract.params);
  let wrong: Verdict;
  const checker = verb(contract, (accepted: unknown) => {
    if (!isValid(accepted)) wrong = `a handler gets ${ajv.errorsText(isValid.errors)}`;
    return Promise.resolve(undefined as never);
  });
  return async (given) => {
    wrong = undefined;
    try {
      await checker.call(given, createRequest() as never);
    } catch (error) {
      if (error instanceof VdsmError && error.name === 'InvalidParams') return undefined;
      throw error;
    }
    return wrong;
  };
}
