import type { Asker, Answer } from '../asker.ts';
import type { Settings } from './testDriver.ts';

const KIB = 1024;

/** The values that a setting can have: the last that was accepted, and those whose requests failed since. */
type Possible = Map<keyof Settings, Set<string>>;

/** A value that was never set by a request that was accepted. */
const CREATED = 'as created';

interface Wish {
  readonly method: string;
  readonly params: object;
  readonly sets: keyof Settings;
  readonly value: string;
}

/** A VM that one client changes, request after request, and what its settings can be by the answers. */
export class Subject {
  readonly id: string;
  readonly #name: string;
  readonly #possible: Possible = new Map();
  readonly #random: () => number;

  constructor(number: number, random: () => number) {
    this.id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    this.#name = `subject${String(number)}`;
    this.#random = random;
  }

  get xml(): string {
    return `<domain type='test' xmlns:ovirt-vm='http://ovirt.org/vm/1.0'>
  <name>${this.#name}</name><uuid>${this.id}</uuid><memory unit='MiB'>1024</memory>
  <os><type>hvm</type></os><devices><memballoon model='virtio'/></devices>
  <metadata><ovirt-vm:vm>
    <ovirt-vm:minGuaranteedMemoryMb type='int'>256</ovirt-vm:minGuaranteedMemoryMb>
  </ovirt-vm:vm></metadata></domain>`;
  }

  /** Changes something of the VM; returns the answer. */
  async change(asker: Asker): Promise<Answer> {
    const { method, params, sets, value } = this.#wish();
    const values = this.#possible.get(sets) ?? new Set([CREATED]);
    this.#possible.set(sets, values.add(value));
    const answer = await asker.ask(method, { vmID: this.id, ...params });
    if (answer.code === 0) this.#possible.set(sets, new Set([value]));
    return answer;
  }

  /** Returns the settings that are none of those that are possible, as texts for people. */
  impossible(found: Partial<Settings>): readonly string[] {
    return [...this.#possible].flatMap(([name, values]) => {
      const value = found[name] ?? 'unknown';
      if (values.has(value) || values.has(CREATED)) return [];
      return [`${this.#name}: ${name} is ${value}, not ${[...values].join(' or ')}`];
    });
  }

  #wish(): Wish {
    const whole = (from: number, to: number): number =>
      from + Math.floor(this.#random() * (to - from));
    switch (whole(0, 4)) {
      case 0: {
        const guaranteed = whole(200, 500);
        const value = String(guaranteed);
        return {
          method: 'VM.setGuaranteedMemory',
          params: { guaranteed },
          sets: 'guaranteed',
          value,
        };
      }
      case 1: {
        const period = whole(1, 60);
        const value = String(period);
        return { method: 'VM.setMemoryStatsPeriod', params: { period }, sets: 'period', value };
      }
      default: {
        const target = whole(512, 1024) * KIB;
        const value = String(target);
        return { method: 'VM.setBalloonTarget', params: { target }, sets: 'target', value };
      }
    }
  }
}
