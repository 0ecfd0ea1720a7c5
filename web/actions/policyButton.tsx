import { useState } from 'preact/hooks';
import type { Host } from '../connection/methods.ts';
import { ActionDialog } from './actionDialog.tsx';
import { policyAction } from './policy.tsx';

/** Opens the choice of the policy. */
export function PolicyButton({ policy }: { readonly policy: NonNullable<Host['policy']> }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="small" onClick={() => setOpen(true)}>
        Change…
      </button>
      {isOpen && <ActionDialog action={policyAction(policy)} close={() => setOpen(false)} />}
    </>
  );
}
