interface WarningsProps {
  readonly warnings: readonly { readonly kind: string; readonly text: string }[];
}

/** What an administrator should look at, in words. */
export function Warnings({ warnings }: WarningsProps) {
  if (warnings.length === 0) return null;
  return (
    <ul class="warnings">
      {warnings.map(({ kind, text }) => (
        <li key={kind + text}>
          <Sign />
          <span>{sentence(text)}</span>
        </li>
      ))}
    </ul>
  );
}

/** The sign of a warning: a triangle, so that it does not depend on colour. */
export const Sign = () => (
  <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M8 1.5 15 14H1Z" />
    <path class="mark" d="M8 6v4M8 11.6v1" />
  </svg>
);

/** Returns a text with a capital letter at its start and a full stop at its end. */
export function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
