import { setTimeout as sleep } from 'node:timers/promises';

const SETTLED_MS = 5000;
const WARM_MS = 60_000;
const BRIEF_MS = 500;

/** Waits longer than a simulated guest boots and code is compiled; a quick benchmark measures sooner. */
export const settle = (quick: boolean): Promise<void> => sleep(quick ? BRIEF_MS : SETTLED_MS);

/** Waits until V8 has compiled what runs once a second, as in a daemon that runs for days. */
export const warm = (quick: boolean): Promise<void> => sleep(quick ? BRIEF_MS : WARM_MS);
