import type { Members } from './members.ts';
import type { Result } from './verbClient.ts';

/** VDSM's description of a VM's graphics. */
type DisplayInfo = Result<'VM.getStats'>[number]['displayInfo'];

/**
 * Returns a VM's first display. A VM without graphics has the type alone, since libgovirt leaves out VMs that have no
 * display of a known type.
 */
export function displayOf(displayInfo: DisplayInfo): Members {
  const [graphics] = displayInfo ?? [];
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
