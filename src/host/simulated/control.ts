import type { KiB } from '../../common/units.ts';
import type { SimulatedDomain } from './simulatedDomain.ts';
import { withBehaviour, withWorkingSet } from './guest/actions.ts';
import type { Behaviour } from './guest/behaviour.ts';
import { type Machine, notRunning } from './machine.ts';

/** What happens inside a guest, at will; everything throws `refused` while it does not run. */
export interface GuestControl {
  /** How much its programs want to have in memory. */
  setWorkingSet(size: KiB): void;
  setBehaviour(change: Partial<Behaviour>): void;
  /** Its emulator answers no monitor call any more until the answer is called; the guest itself goes on. */
  hang(): () => void;
  /** Its emulator dies. */
  crash(): void;
  /** As if somebody inside had typed `reboot`. */
  rebootFromInside(): void;
  /** As if somebody inside had typed `poweroff`. */
  shutDownFromInside(): void;
}

export function controlOf(domain: SimulatedDomain): GuestControl {
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
    hang: () => machine().hang(),
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
  };
}
