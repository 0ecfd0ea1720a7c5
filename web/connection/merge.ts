import type { Host, Result, Vm } from './methods.ts';

/** A VM's figures, and when they arrived (ms, as Date.now): its ages count from then. */
export interface Seen {
  readonly vm: Vm;
  readonly at: number;
}

/** What is known of the host. */
export interface Picture {
  readonly host: Host;
  /** What this page may do. */
  readonly access: Result<'Host.getOverview'>['access'];
  readonly vms: ReadonlyMap<string, Seen>;
  /** Names the state of vmemd that this is, so that it sends only what has changed since. */
  readonly revision: string;
  /** When it arrived, in ms. */
  readonly at: number;
}

/** Returns the picture after another answer, which has all VMs or only those that have changed. */
export function merge(
  before: Picture | undefined,
  { access, host, vms, gone = [], complete, revision }: Result<'Host.getOverview'>,
  at: number,
): Picture {
  const all = new Map(complete ? [] : before?.vms);
  for (const vm of vms) all.set(vm.id, { vm, at });
  for (const id of gone) all.delete(id);
  return { access, host, vms: all, revision, at };
}
