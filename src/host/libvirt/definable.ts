import { withoutMinGuarantee } from '../../domain-xml/edit.ts';
import type { Client } from '../../libvirt/index.ts';
import type { CallOptions } from '../hypervisor.ts';

/** The connection type of libvirt's QEMU driver, which refuses `<min_guarantee>`; the test driver accepts it. */
const QEMU = 'QEMU';

/** Whether the domains of this connection run under QEMU. */
export const isQemuConnection = async (client: Client, options: CallOptions): Promise<boolean> =>
  (await client.control.getType(options)) === QEMU;

/** Returns the domain's XML without elements that the driver refuses to define. */
export const definable = (xml: string, isQemu: boolean): string =>
  isQemu ? withoutMinGuarantee(xml) : xml;
