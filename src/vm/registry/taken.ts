import { VdsmError } from '../../common/errors.ts';

/** What holds an id and a name: a VM, or a domain that is none. */
export interface Holder {
  readonly uuid: string;
  readonly name: string;
  readonly isDown: boolean;
  readonly isVm: boolean;
}

/** Throws VMExists if one of `holders` has this id or name; of two that are one domain, the first counts. */
export function requireFree(
  { id, name }: { readonly id: string; readonly name: string },
  holders: readonly Holder[],
): void {
  const holder = holders.find((one) => one.uuid === id) ?? holders.find((one) => one.name === name);
  if (!holder) return;
  const what =
    holder.uuid === id ? `${id} is in use` : `the name ${name} is that of ${holder.uuid}`;
  const other = holder.uuid === id ? 'id' : 'name';
  throw new VdsmError(
    'VMExists',
    `${what}${stateOf(holder)}; choose another ${other}${remedyFor(holder, other)}`,
  );
}

const stateOf = ({ isDown, isVm }: Holder): string =>
  isDown ? `, a ${isVm ? 'VM' : 'domain of another program'} that is Down` : '';

const remedyFor = ({ uuid, isDown, isVm }: Holder, taken: 'id' | 'name'): string => {
  if (isVm) return isDown ? ', or remove that VM with VM.destroy' : ' or destroy that VM first';
  if (!isDown) return '';
  // others may still want their domain: it can have another name, but not another id
  return taken === 'name' ?
      `, or rename that domain with: virsh domrename ${uuid} OTHER-NAME`
    : `, or, if nobody needs that domain, remove it with: virsh undefine ${uuid}`;
};
