import { useState } from 'preact/hooks';
import type { Vm } from '../connection/methods.ts';
import { ActionDialog } from './actionDialog.tsx';
import { balloonAction } from './balloon.tsx';
import { guaranteeAction } from './guarantee.tsx';
import { memoryAction } from './memory.tsx';

type Kind = 'balloon' | 'memory' | 'guarantee';

/** What can be changed of one VM. */
export function VmActions({ vm }: { readonly vm: Vm }) {
  const [open, setOpen] = useState<Kind>();
  const close = (): void => setOpen(undefined);
  return (
    <div class="actions">
      <button type="button" onClick={() => setOpen('balloon')}>
        Set the balloon…
      </button>
      <button type="button" onClick={() => setOpen('memory')}>
        Change the memory…
      </button>
      <button type="button" onClick={() => setOpen('guarantee')}>
        Set the guarantee…
      </button>
      {open === 'balloon' && <ActionDialog action={balloonAction(vm)} close={close} />}
      {open === 'memory' && <ActionDialog action={memoryAction(vm)} close={close} />}
      {open === 'guarantee' && <ActionDialog action={guaranteeAction(vm)} close={close} />}
    </div>
  );
}
