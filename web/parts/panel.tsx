import type { ComponentChildren } from 'preact';

interface PanelProps {
  readonly title: string;
  readonly kind: string;
  readonly children: ComponentChildren;
}

/** A titled part of the details. */
export const Panel = ({ title, kind, children }: PanelProps) => (
  <section class={`panel ${kind}`}>
    <h3>{title}</h3>
    {children}
  </section>
);
