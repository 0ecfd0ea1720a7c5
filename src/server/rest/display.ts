import type { Members } from './representation.ts';

/** VDSM's description of a VM's graphics (displayInfo in its statistics). */
interface Graphics {
  readonly type?: string;
  readonly ipAddress?: string;
  readonly port?: string;
  readonly tlsPort?: string;
}

/**
 * Returns a VM's first display. A VM without graphics has the type alone, since libgovirt leaves out VMs that have no
 * display of a known type.
 */
export function displayOf(displayInfo: unknown): Members {
  const [graphics]: readonly (Graphics | undefined)[] =
    Array.isArray(displayInfo) ? (displayInfo as readonly Graphics[]) : [];
  return {
    type: graphics?.type === 'spice' ? 'spice' : 'vnc',
    address: graphics?.ipAddress,
    port: portIn(graphics?.port),
    secure_port: portIn(graphics?.tlsPort),
  };
}

/** VDSM's -1 stands for no port. */
function portIn(text: string | undefined): number | undefined {
  const port = Number(text);
  return port > 0 ? port : undefined;
}
