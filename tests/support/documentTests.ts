import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { childrenNamed, find } from '../../src/domain-xml/element.ts';
import { cellMemory, cellsOf } from '../../src/domain-xml/normalize.ts';
import { domainOf as sizesIn, readDomain } from '../../src/domain-xml/parse.ts';
import type { SlotRule } from '../../src/domain-xml/slots.ts';
import type { Hypervisor } from '../../src/host/hypervisor.ts';
import { type Document, documents, domainOf, type Sizes } from './documents.ts';

/** Returns the sizes in a domain that `like` has. */
function sizesOf(xml: string, like: Sizes): Sizes {
  const root = readDomain(xml);
  const domain = sizesIn(root);
  const devices = childrenNamed(find(root, 'devices'), 'memory');
  const all: Sizes = {
    memory: domain.memory,
    current: domain.currentMemory,
    ...(domain.maxMemory && { maximum: domain.maxMemory.size }),
    cells: cellsOf(root).map(cellMemory),
    devices: domain.memoryDevices.map(({ size }) => size),
    aliases: devices.flatMap((device) => find(device, 'alias')?.attributes.get('name') ?? []),
  };
  return Object.fromEntries(Object.entries(all).filter(([key]) => key in like)) as unknown as Sizes;
}

// What is current of a running domain depends on its guest.
const withoutCurrent = (stored: Sizes): Sizes =>
  Object.fromEntries(
    Object.entries(stored).filter(([key]) => key !== 'current'),
  ) as unknown as Sizes;

async function check(host: Hypervisor, document: Document): Promise<void> {
  const uuid = randomUUID();
  const { stored } = document;
  const created = host.createDomain(domainOf(document, uuid, `document-${uuid}`), { paused: true });
  if (!stored || document.refusedAtStart) {
    await expect(created).rejects.toThrow();
    expect((await host.listDomains()).map((domain) => domain.uuid)).not.toContain(uuid);
    return;
  }
  await created;
  try {
    const kept = (await host.nextRunXml(uuid)) ?? '';
    expect({ stored: sizesOf(kept, stored) }).toEqual({ stored });
    const live = document.live ?? withoutCurrent(stored);
    expect({ live: sizesOf(await host.domainXml(uuid), live) }).toEqual({ live });
  } finally {
    await host.destroyDomain(uuid, { graceful: false });
    await host.undefineDomain(uuid);
  }
}

/** A test for each document that a host with that rule reads, on the host that `host` returns. */
export function testDocuments(host: () => Hypervisor, rule: SlotRule): void {
  it.each(documents.filter((document) => (document.rule ?? rule) === rule))(
    `reads $title as libvirt does where slots are for ${rule}`,
    async (document) => {
      expect(host().slotRule).toBe(rule);
      await check(host(), document);
    },
  );
}
