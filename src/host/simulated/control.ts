import { KiB } from '../../common/units.ts';
import type { SimulatedDomain } from './simulatedDomain.ts';
import { withBehaviour, withWorkingSet } from './guest/actions.ts';
import type { Behaviour } from './guest/behaviour.ts';
import { memory } from './guest/guestMemory.ts';
import { type Machine, notRunning } from './machine.ts';

/** Acts inside a guest; every method but `rename` throws `refused` while it does not run. */
export interface GuestControl {
  /** Sets how much memory its programs use. */
  setWorkingSet(size: KiB): void;
  setBehaviour(change: Partial<Behaviour>): void;
  /** Makes its QEMU monitor hang until the returned function is called; the guest keeps running. */
  hang(): () => void;
  /** Ends its QEMU process. */
  crash(): void;
  /** As by `reboot` inside the guest. */
  rebootFromInside(): void;
  /** As by `poweroff` inside the guest. */
  shutDownFromInside(): void;
  /** As `virsh managedsave` does; the returned function restores the run. */
  save(): () => void;
  /** As `virsh domrename` does, while it does not run. */
  rename(name: string): void;
  /** Its balloon's target in KiB, adjusted to memory plugged or unplugged since, as by QEMU. */
  balloonTarget(): KiB;
}

interface ControlParts {
  /** Returns the number of the next run. */
  readonly newId: () => number;
  readonly onHang: () => void;
}

export function controlOf(domain: SimulatedDomain, { newId, onHang }: ControlParts): GuestControl {
  const machine = (): Machine => {
    domain.catchUp();
    const { active } = domain;
    if (!active) throw notRunning();
    return active;
  };
  return {
    setWorkingSet: (size) => {
      machine().change((guest) => withWorkingSet(guest, size));
    },
    setBehaviour: (change) => {
      machine().change((guest) => withBehaviour(guest, change));
    },
    hang: () => hang(machine(), onHang),
    crash: () => {
      machine();
      domain.crash();
    },
    rebootFromInside: () => {
      machine().reset();
    },
    shutDownFromInside: () => {
      machine();
      domain.shutDownFromInside();
    },
    save: () => {
      machine();
      const restore = domain.save();
      return () => {
        restore(newId());
      };
    },
    rename: domain.rename.bind(domain),
    balloonTarget: () => {
      const { guest } = machine();
      return KiB(memory(guest) - guest.requested);
    },
  };
}

function hang(machine: Machine, onHang: () => void): () => void {
  onHang();
  return machine.hang();
}
