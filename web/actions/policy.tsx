import { useState } from 'preact/hooks';
import type { Host } from '../connection/methods.ts';
import { POLICY } from '../model/words.ts';
import type { Action } from './action.ts';

type Policy = NonNullable<Host['policy']>;
type Mode = Policy['mode'];

const MODES = ['off', 'observe', 'act'] as const satisfies readonly Mode[];
const ALGORITHMS = {
  adaptive: 'adaptive, which gives each guest what it needs',
  mom: 'mom, which decides as oVirt’s MoM',
} as const;
type Algorithm = keyof typeof ALGORITHMS;

interface Wanted {
  readonly mode: Mode;
  readonly algorithm: Algorithm;
}

/** Sets whether vmemd shares out the memory of the host, and how. */
export const policyAction = (now: Policy): Action<Wanted> => ({
  title: 'Memory policy of this host',
  verb: 'Set the policy',
  useForm: () => usePolicyForm(now),
  plan: ({ mode, algorithm }) => [
    `From ${POLICY[now.mode].name.toLowerCase()} to ${POLICY[mode].name.toLowerCase()}: ${POLICY[mode].meaning}`,
    ...(mode === 'off' ? ['Balloons stay as they are'] : [`The algorithm is ${algorithm}`]),
    'This holds after a restart of vmemd, too',
  ],
  async run(wanted, feed) {
    const { mode, algorithm, not_acting_because } = await feed.call('Host.setPolicy', wanted);
    const what = `The policy is ${POLICY[mode].name.toLowerCase()}, by the algorithm ${algorithm}`;
    return not_acting_because === undefined ? [what] : [what, not_acting_because];
  },
});

function usePolicyForm(now: Policy) {
  const [mode, setMode] = useState<Mode>(now.mode);
  const [algorithm, setAlgorithm] = useState<Algorithm>(
    now.algorithm === 'mom' ? 'mom' : 'adaptive',
  );
  const fields = (
    <>
      <fieldset>
        <legend>What it does</legend>
        {MODES.map((each) => (
          <label class="choice" key={each}>
            <input
              type="radio"
              name="mode"
              checked={mode === each}
              onChange={() => setMode(each)}
            />{' '}
            <b>{POLICY[each].name}</b>: {POLICY[each].meaning}
          </label>
        ))}
      </fieldset>
      <label class="field">
        Algorithm
        <select
          value={algorithm}
          onChange={({ currentTarget }) => setAlgorithm(currentTarget.value as Algorithm)}
        >
          {Object.entries(ALGORITHMS).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </>
  );
  return { value: { mode, algorithm }, fields };
}
