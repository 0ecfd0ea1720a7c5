import { Report } from '../fleet/report.ts';

const INTERVAL_MS = 20_000;

/** Says on stderr what is waited for, now and then. */
export class SoakReport extends Report {
  #saidAt = performance.now();

  waiting([first, ...more]: readonly string[]): void {
    if (first === undefined || performance.now() - this.#saidAt < INTERVAL_MS) return;
    this.#saidAt = performance.now();
    console.error(`… still: ${first}${more.length > 0 ? `, and ${String(more.length)} more` : ''}`);
  }
}
