import type { Random } from './random.ts';

/** A part of vmemd that gets hostile input. */
export interface Target<Input> {
  /** As given to `--target`; also the folder of its findings. */
  readonly name: string;
  /** Its part of the inputs of a run, in proportion to those of the other targets. */
  readonly weight: number;
  /** Returns the input that the random numbers determine: a value that JSON keeps. */
  make(random: Random): Input;
  /** The only inputs, if there are few; they are tried once each, beside the other targets. */
  readonly all?: readonly Input[];
  /** Prepares to try inputs. */
  open(size: RunSize): Promise<Trials<Input>>;
}

/** How large a run is. */
export interface RunSize {
  /** Whether it is the long form, in which numbers of connections are those that are promised. */
  readonly isLong: boolean;
  /** Whether it tries a few findings again, without looking at what other clients notice. */
  readonly isReplay: boolean;
}

/** A target that is ready for inputs. */
export interface Trials<Input> {
  /** How many inputs may be tried at the same time; 1 unless given. */
  readonly width?: number;
  /** Tries an input; returns what is wrong with what happened, undefined if nothing is. What it throws is wrong too. */
  judge(input: Input): Verdict | Promise<Verdict>;
  /** Ends the trials; returns what is wrong after all inputs, and figures to print. */
  close?(): Promise<Summary>;
}

export type Verdict = string | undefined;

export interface Summary {
  readonly wrong: readonly string[];
  readonly figures: readonly string[];
}

/** Returns a target whose inputs are judged in this process by a function. */
export const inProcess = <Input>(
  name: string,
  weight: number,
  make: Target<Input>['make'],
  judge: (input: Input) => Verdict,
): Target<Input> => ({ name, weight, make, open: () => Promise.resolve({ judge }) });
