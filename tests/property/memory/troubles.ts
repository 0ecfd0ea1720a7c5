import type { World } from '../../support/world.ts';
import { breakDown, mend } from './faulty.ts';
import type { Trouble } from './steps.ts';

/** The time within which vmemd compares all VMs with the host. */
const RECONCILED = 70_000;

/** The faults between vmemd and the host. */
export class Troubles {
  readonly #world: World;
  readonly #vmID: string;
  /** When the last fault ended, on the clock. */
  #lastAt = -Infinity;
  #isUnwritable = false;
  #writableAt = -Infinity;
  #release: (() => void) | undefined;

  constructor(world: World, vmID: string) {
    this.#world = world;
    this.#vmID = vmID;
  }

  /** Whether there was never a fault. */
  get isNone(): boolean {
    return this.#lastAt < 0;
  }

  get isHanging(): boolean {
    return this.#release !== undefined;
  }

  /** Whether there has been no fault for so long that vmemd has recovered. */
  get areOver(): boolean {
    const { faults, host, clock } = this.#world;
    const isClear = !this.isHanging && Object.keys(faults).length === 0 && host.isConnected;
    return isClear && clock.now() - this.#lastAt > RECONCILED;
  }

  /** Whether vmemd may not have recorded its last events. */
  get isForgetful(): boolean {
    return this.#isUnwritable || this.#world.clock.now() - this.#writableAt < RECONCILED;
  }

  begin(trouble: Trouble): void {
    const { host, clock } = this.#world;
    this.#lastAt = clock.now();
    switch (trouble.kind) {
      case 'disconnect':
        this.#isUnwritable = true;
        host.disconnect();
        return;
      case 'hang':
        this.#isUnwritable = true;
        this.#release ??= host.guest(this.#vmID).hang();
        return;
      case 'fault':
        this.#isUnwritable ||= stopsWriting(trouble);
        breakDown(this.#world, trouble.operation, trouble.fault);
    }
  }

  end(): void {
    const { clock, host } = this.#world;
    this.#lastAt = clock.now();
    if (this.#isUnwritable) this.#writableAt = clock.now();
    this.#isUnwritable = false;
    mend(this.#world);
    this.#release?.();
    this.#release = undefined;
    host.reconnect();
  }
}

/** Whether jobs cannot be recorded during the fault. */
const stopsWriting = ({ operation, fault }: Extract<Trouble, { kind: 'fault' }>): boolean =>
  fault === 'hangs' || ['setMetadata', 'domainXml', 'nextRunXml'].includes(operation);
