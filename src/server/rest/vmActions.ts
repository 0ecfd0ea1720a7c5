import { Fault } from './fault.ts';
import type { Members } from './members.ts';
import { type ChangeRequest, hrefOfVm, refuseOthers, type RestResponse } from './resource.ts';
import type { VerbClient } from './verbClient.ts';

type Run = (call: VerbClient, vmID: string) => Promise<unknown>;

/** oVirt's actions on a VM. */
const ACTIONS: Readonly<Record<string, Run>> = {
  reboot: (call, vmID) => call('VM.shutdown', { vmID, reboot: true }),
  reset: (call, vmID) => call('VM.reset', { vmID }),
  shutdown: (call, vmID) => call('VM.shutdown', { vmID }),
  start: resume,
  stop: (call, vmID) => call('VM.destroy', { vmID }),
};

/** In oVirt, the start of a paused VM resumes it. */
async function resume(call: VerbClient, vmID: string): Promise<void> {
  const [stats] = await call('VM.getStats', { vmID });
  if (stats?.status === 'Paused') {
    await call('VM.cont', { vmID });
    return;
  }
  const advice = 'only a paused VM can be started here; start others with VM.create';
  throw new Fault(409, `The VM is ${stats?.status ?? 'unknown'}; ${advice}.`);
}

/** Whether there is an action of this name. */
export const isAction = (name: string): boolean => Object.hasOwn(ACTIONS, name);

/** Returns the links to a VM's actions. */
export const actionLinks = (vmHref: string): Members => ({
  link: Object.keys(ACTIONS).map((rel) => ({ rel, href: `${vmHref}/${rel}` })),
});

/** Runs an action; a failure is part of the response, as in oVirt. */
export async function runAction(
  vmId: string,
  name: string,
  { call, query, base }: ChangeRequest,
): Promise<RestResponse> {
  refuseOthers(query, ['async', 'correlation_id']);
  const vm = { href: hrefOfVm(base, vmId), id: vmId };
  try {
    await ACTIONS[name]?.(call, vmId);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { status, headers, members } = error;
    return { status, headers, root: 'action', members: { status: 'failed', fault: members, vm } };
  }
  return { root: 'action', members: { status: 'complete', vm } };
}
