import { LibvirtError, UnreachableError, type Client } from '../../libvirt/index.ts';
import type { CallOptions } from '../hypervisor.ts';

const CUSTOM = /<mode name=['"]custom['"] supported=['"]yes['"]>(.*?)<\/mode>/s;
const USABLE = /<model\b[^>]*\busable=['"]yes['"][^>]*>([^<]+)<\/model>/g;

function usableModels(domainCapabilities: string): string[] {
  const custom = CUSTOM.exec(domainCapabilities)?.[1] ?? '';
  return [...custom.matchAll(USABLE)].map(([, name = '']) => name);
}

/**
 * Returns a function that reads the CPU models usable by a default guest; empty if libvirt does not report them. The
 * result is cached until the connection is lost.
 */
export function createUsableModels(
  client: Client,
): (options: CallOptions) => Promise<readonly string[]> {
  let known: readonly string[] | undefined;
  client.listen(({ kind }) => {
    if (kind === 'disconnected') known = undefined;
  });
  return async (options) => {
    try {
      known ??= usableModels(await client.control.getDomainCapabilities({}, options));
      return known;
    } catch (error) {
      if (!(error instanceof LibvirtError) || error instanceof UnreachableError) throw error;
      return [];
    }
  };
}
