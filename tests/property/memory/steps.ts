import fc from 'fast-check';
import type { Behaviour } from '../../../src/host/simulated/guest/behaviour.ts';
import type { Hypervisor } from '../../../src/host/hypervisor.ts';
import { KiB, Milliseconds } from '../../../src/common/units.ts';
import { omitUndefined } from '../../../src/common/omitUndefined.ts';
import type { KillPoint } from '../../support/lifetime.ts';

/** A client's request. */
export type Wish =
  | { readonly kind: 'plug'; readonly blocks: number; readonly guarantee?: number }
  | { readonly kind: 'unplug'; readonly device: number; readonly guarantee?: number }
  | { readonly kind: 'resize'; readonly memory: number; readonly options: ResizeOptions }
  | { readonly kind: 'guarantee' | 'target'; readonly mib: number }
  | { readonly kind: 'period'; readonly seconds: number }
  | { readonly kind: 'pause' | 'cont' | 'reset' };

export interface ResizeOptions {
  readonly guaranteed?: number;
  readonly wait?: boolean;
  readonly deflate?: boolean;
  readonly specialBlock?: boolean;
  readonly dryRun?: boolean;
}

/** A change of the VM by another program, such as virsh. */
export type Foreign =
  | { readonly kind: 'attach'; readonly blocks: number }
  | { readonly kind: 'detach'; readonly device: number };

export const FAULTY = [
  'setMetadata',
  'detachDevice',
  'attachDevice',
  'requestDeviceMemory',
  'domainXml',
  'nextRunXml',
  'setNextRunXml',
  'setBalloon',
  'setStatsPeriod',
] as const satisfies (keyof Hypervisor)[];
export type Faulty = (typeof FAULTY)[number];
/** The call does nothing; it takes effect but returns an error, or loses its connection; it gets no reply. */
export type Fault = 'fails' | 'denies' | 'is late' | 'loses the reply' | 'hangs';

/** A fault between vmemd and the host. */
export type Trouble =
  | { readonly kind: 'disconnect' | 'hang' }
  | { readonly kind: 'fault'; readonly operation: Faulty; readonly fault: Fault };

/** An event around the VM. */
export type Mishap =
  | Trouble
  | { readonly kind: 'restart' | 'mend' }
  | { readonly kind: 'away'; readonly seconds: number; readonly meanwhile?: Foreign }
  | { readonly kind: 'foreign'; readonly what: Foreign }
  /** A program reads the metadata, or writes back what it has read. */
  | { readonly kind: 'read' | 'write back' }
  /** A second vmemd is asked. */
  | { readonly kind: 'other'; readonly wish: Wish }
  | { readonly kind: 'killed'; readonly point: KillPoint }
  | { readonly kind: 'reboot' }
  /** The run is saved, and restored later. */
  | { readonly kind: 'save'; readonly seconds: number }
  | { readonly kind: 'guest'; readonly change: Partial<Behaviour> };

/** An action, and the time that passes after its start, whether or not it has ended. */
export interface Step {
  readonly what: Wish | Mishap | { readonly kind: 'nothing' };
  readonly ms: number;
}

/** A guest's properties. */
export interface Setting {
  readonly seed: number;
  /** Words of the simulation. */
  readonly behaviour: readonly string[];
  /** In MiB; none for a VM without virtio-mem. */
  readonly virtioMem?: {
    readonly size: number;
    readonly block: number;
    readonly requested: number;
  };
  /** Plugged at first, in blocks of 128 MiB. */
  readonly devices: readonly number[];
  readonly attempts: number;
  readonly autodeflate: boolean;
}

const is = fc.constant;
/** A record without what is undefined. */
const record = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(fields).map(omitUndefined);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** In MiB; most of them make sense, and lie between blocks as well. */
const size = fc.oneof(fc.integer({ min: 900, max: 3000 }), fc.nat(5000));
const guarantee = optional(fc.integer({ min: 100, max: 1500 }));
const flag = optional(fc.boolean());

export const wish: fc.Arbitrary<Wish> = fc.oneof(
  {
    weight: 3,
    arbitrary: record({ kind: is('plug'), blocks: fc.integer({ min: 1, max: 5 }), guarantee }),
  },
  { weight: 4, arbitrary: record({ kind: is('unplug'), device: fc.nat(4), guarantee }) },
  {
    weight: 6,
    arbitrary: record({
      kind: is('resize'),
      memory: size,
      options: record({
        guaranteed: guarantee,
        wait: flag,
        deflate: flag,
        specialBlock: flag,
        dryRun: optional(fc.constant(false)),
      }),
    }),
  },
  { weight: 2, arbitrary: record({ kind: fc.constantFrom('guarantee', 'target'), mib: size }) },
  { weight: 1, arbitrary: record({ kind: is('period'), seconds: fc.constantFrom(0, 3, 20) }) },
  { weight: 2, arbitrary: record({ kind: fc.constantFrom('pause', 'cont', 'reset') }) },
);

const foreign: fc.Arbitrary<Foreign> = fc.oneof(
  record({ kind: is('attach'), blocks: fc.integer({ min: 1, max: 3 }) }),
  record({ kind: is('detach'), device: fc.nat(3) }),
);

const change: fc.Arbitrary<Partial<Behaviour>> = fc.oneof(
  record({ unplug: fc.constantFrom('gives-back', 'refuses', 'ignores') }),
  record({ unplugTime: fc.constantFrom(100, 800, 8000, 25_000).map(Milliseconds) }),
  record({ onlines: fc.boolean() }),
  record({ driver: fc.boolean() }),
  record({ statistics: fc.boolean() }),
  record({ virtioMemRate: fc.constantFrom(8, 64, 512).map((mib) => KiB(mib * 1024)) }),
);

const point = record<KillPoint>({
  call: fc.integer({ min: 1, max: 15 }),
  when: fc.constantFrom('before', 'sent', 'done'),
});

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  {
    weight: 4,
    arbitrary: record({
      kind: fc.constantFrom('restart', 'restart', 'mend', 'mend', 'hang', 'disconnect'),
    }),
  },
  {
    weight: 1,
    arbitrary: record({ kind: is('away'), seconds: fc.nat(40), meanwhile: optional(foreign) }),
  },
  { weight: 1, arbitrary: record({ kind: is('foreign'), what: foreign }) },
  {
    weight: 2,
    arbitrary: record({
      kind: is('fault'),
      operation: fc.constantFrom(...FAULTY),
      fault: fc.constantFrom<Fault[]>('fails', 'denies', 'is late', 'loses the reply', 'hangs'),
    }),
  },
  { weight: 2, arbitrary: record({ kind: is('guest'), change }) },
  { weight: 2, arbitrary: record({ kind: is('killed'), point }) },
  { weight: 1, arbitrary: record({ kind: fc.constantFrom('reboot', 'read', 'write back') }) },
  { weight: 1, arbitrary: record({ kind: is('save'), seconds: fc.nat(100) }) },
);

const ms = fc.oneof(fc.constant(0), fc.nat(1500), fc.nat(12_000), fc.nat(70_000));

export const step: fc.Arbitrary<Step> = record({
  what: fc.oneof(
    { weight: 5, arbitrary: wish },
    { weight: 3, arbitrary: mishap },
    { weight: 1, arbitrary: record({ kind: is('nothing') }) },
  ),
  ms,
});

export const setting: fc.Arbitrary<Setting> = record({
  seed: fc.nat(1000),
  behaviour: fc.subarray(
    [
      'refuses-unplug',
      'ignores-unplug',
      'slow-unplug',
      'no-online',
      'no-driver',
      'no-stats',
      'slow-virtio-mem',
      'slow-balloon',
      'busy',
    ],
    { maxLength: 2 },
  ),
  virtioMem: optional(
    fc
      .constantFrom(2, 128, 256)
      .chain((block) =>
        record({ size: is(1024), block: is(block), requested: fc.constantFrom(0, 512) }),
      ),
  ),
  devices: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  autodeflate: fc.boolean(),
});
