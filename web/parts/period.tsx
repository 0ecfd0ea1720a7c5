/** Parts of the history; vmemd keeps the last hour, Prometheus may have more. */
export const PERIODS = [
  { seconds: 600, label: '10 min' },
  { seconds: 3600, label: '1 h' },
  { seconds: 21_600, label: '6 h' },
  { seconds: 86_400, label: '24 h' },
  { seconds: 604_800, label: '7 days' },
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
