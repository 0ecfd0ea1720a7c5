import { withoutMinGuarantee } from '../../domain-xml/edit.ts';
import type { Client } from '../../libvirt/index.ts';
import type { CallOptions } from '../hypervisor.ts';

/** The type of connection whose driver knows what a test driver does not, and refuses a guarantee in memtune. */
const QEMU = 'QEMU';

/** Whether QEMU runs the domains behind this connection. */
export const speaksToQemu = async (client: Client, bound: CallOptions): Promise<boolean> =>
  (await client.control.getType(bound)) === QEMU;

/** The domain's XML without what the driver would refuse to define. */
export const definable = (xml: string, isQemu: boolean): string =>
  isQemu ? withoutMinGuarantee(xml) : xml;
