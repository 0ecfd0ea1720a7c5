import { readHostDomain } from './hostDomain.ts';
import type { World } from './world.ts';

/** The element that oVirt's programs keep in a domain's metadata, as `setMetadata` of the seam takes it. */
export function ovirtElement(xml: string): string {
  const found = /<(?:[\w-]+:)?vm\b[^>]*?(?:\/>|>[\s\S]*?<\/(?:[\w-]+:)?vm>)/.exec(xml);
  if (!found) throw new Error('the domain has no metadata of oVirt');
  return found[0]
    .replace(/<(\/?)[\w-]+:/g, '<$1')
    .replace(/ xmlns(:[\w-]+)?=("[^"]*"|'[^']*')/, '');
}

/** What the host itself knows of a domain's memory, whatever vmemd makes of it. */
export const onHost = ({ host }: Pick<World, 'host'>, vmID: string) => ({
  now: async () => readHostDomain(await host.domainXml(vmID)),
  nextRun: async () => readHostDomain((await host.nextRunXml(vmID)) ?? ''),
  /** What the balloon was last asked to leave, in KiB. */
  balloonTarget: (): number => host.guest(vmID).balloonTarget(),
});
