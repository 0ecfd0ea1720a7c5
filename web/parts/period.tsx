/** Parts of the history; vmemd keeps the first, Prometheus has the others. */
export const PERIODS = [
  { seconds: 3600, label: '1 hour' },
  { seconds: 21_600, label: '6 hours' },
  { seconds: 86_400, label: '1 day' },
  { seconds: 604_800, label: '1 week' },
] as const;

interface PeriodProps {
  readonly seconds: number;
  readonly choose: (seconds: number) => void;
}

/** Chooses how much of the history is shown. */
export const Period = ({ seconds, choose }: PeriodProps) => (
  <div class="segments" role="group" aria-label="Period of the history">
    {PERIODS.map((period) => (
      <button
        key={period.seconds}
        type="button"
        aria-pressed={period.seconds === seconds}
        onClick={() => choose(period.seconds)}
      >
        {period.label}
      </button>
    ))}
  </div>
);
