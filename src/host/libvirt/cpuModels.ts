import { LibvirtError, UnreachableError, type Client } from '../../libvirt/index.ts';
import type { CallOptions } from '../hypervisor.ts';

const CUSTOM = /<mode name=['"]custom['"] supported=['"]yes['"]>(.*?)<\/mode>/s;
const USABLE = /<model\b[^>]*\busable=['"]yes['"][^>]*>([^<]+)<\/model>/g;

function usableModels(domainCapabilities: string): string[] {
  const custom = CUSTOM.exec(domainCapabilities)?.[1] ?? '';
  return [...custom.matchAll(USABLE)].map(([, name = '']) => name);
}

/**
 * Names the models of processors that a guest of the usual kind can have, none where libvirt does not tell. An answer
 * is kept as long as the connection to libvirt.
 */
export function createUsableModels(
  client: Client,
): (bound: CallOptions) => Promise<readonly string[]> {
  let known: readonly string[] | undefined;
  client.listen(({ kind }) => {
    if (kind === 'disconnected') known = undefined;
  });
  return async (bound) => {
    try {
      known ??= usableModels(await client.control.getDomainCapabilities({}, bound));
      return known;
    } catch (error) {
      if (!(error instanceof LibvirtError) || error instanceof UnreachableError) throw error;
      return [];
    }
  };
}
