import type { Crossing, Fault, Strike } from './crossing.ts';
import { strikes } from './crossing.ts';
import type { Outcome } from './request.ts';

/** Of the crossings, `npm test` tries so many that it takes its share of the time; `npm run test:sim` tries more. */
export const every = (inNpmTest: number): number =>
  Number(process.env['VMEMD_SIM_EVERY'] ?? inNpmTest);

interface Sweep {
  readonly fault: Fault;
  readonly play: (strike?: Strike) => Promise<Outcome>;
  /** Returns whether a crossing is tried; all are unless given. */
  readonly isTried?: (at: number, crossing: Crossing) => boolean;
}

/**
 * Plays without a fault, then with the fault at each crossing where it can happen. Returns what was wrong, and where: the
 * places, by complaint.
 */
export async function swept({ fault, play, isTried = () => true }: Sweep) {
  const { crossings, complaints: without } = await play();
  const complaints: Record<string, string[]> = {};
  for (const what of without) complaints[what] = ['without a fault'];
  if (without.length > 0) return complaints;
  for (const [at, crossing] of crossings.entries()) {
    if (!strikes(fault, crossing) || !isTried(at, crossing)) continue;
    const outcome = await play({ at, fault }).catch((error: unknown) => ({
      complaints: [String(error)],
    }));
    for (const what of outcome.complaints) {
      (complaints[what] ??= []).push(`${crossing.kind} of ${crossing.what} (${String(at)})`);
    }
  }
  return complaints;
}
