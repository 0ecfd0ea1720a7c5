import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** A window over the page, which has the keyboard until it is closed; Escape closes it. */
export function Dialog({ title, close, children }: DialogProps) {
  const root = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => root.current?.showModal(), []);
  return (
    <dialog ref={root} aria-labelledby={id} onClose={close}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
