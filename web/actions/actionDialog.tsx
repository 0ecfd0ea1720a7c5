import { Dialog } from '../parts/dialog.tsx';
import { sentence } from '../parts/warnings.tsx';
import type { Action } from './action.ts';
import { type Step, useSteps } from './useSteps.ts';

interface ActionDialogProps<T> {
  readonly action: Action<T>;
  readonly close: () => void;
}

/** Asks what to do, shows what will happen, does it once that is confirmed, and shows what came of it. */
export function ActionDialog<T>({ action, close }: ActionDialogProps<T>) {
  const { value, problem = INCOMPLETE, fields } = action.useForm();
  const { step, isBusy, review, run, back } = useSteps(action);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (step.at === 'plan') run(step.value);
    else if (value === undefined) back(problem);
    else review(value);
  };

  return (
    <Dialog title={action.title} close={close}>
      <form class={`action ${step.at}`} onSubmit={submit}>
        <div hidden={step.at !== 'form'}>{fields}</div>
        {step.at === 'form' && step.problem !== undefined && (
          <p class="failure" role="alert">
            {sentence(step.problem)}
          </p>
        )}
        {step.at !== 'form' && (
          <Words words={step.words} isRefused={step.at === 'end' && step.isRefused} />
        )}
        <Buttons step={step.at} verb={action.verb} {...{ isBusy, close }} back={() => back()} />
      </form>
    </Dialog>
  );
}

const INCOMPLETE = 'Something is missing or cannot be read as a size.';

interface WordsProps {
  readonly words: readonly string[];
  readonly isRefused: boolean;
}

const Words = ({ words, isRefused }: WordsProps) => (
  <div class={isRefused ? 'failure' : 'outcome'} role="alert">
    {words.map((each) => (
      <p key={each}>{sentence(each)}</p>
    ))}
  </div>
);

interface ButtonsProps {
  readonly step: Step<unknown>['at'];
  readonly verb: string;
  readonly isBusy: boolean;
  readonly back: () => void;
  readonly close: () => void;
}

function Buttons({ step, verb, isBusy, back, close }: ButtonsProps) {
  if (step === 'end') {
    return (
      <div class="buttons">
        <button type="button" onClick={back}>
          Change again
        </button>
        <button type="button" class="primary" onClick={close}>
          Close
        </button>
      </div>
    );
  }
  return (
    <div class="buttons">
      <button type="button" onClick={step === 'plan' ? back : close}>
        {step === 'plan' ? 'Back' : 'Cancel'}
      </button>
      <button type="submit" class="primary" disabled={isBusy}>
        {step === 'plan' ? verb : 'Next'}
      </button>
    </div>
  );
}
