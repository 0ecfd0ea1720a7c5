import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { KiB } from '../../src/common/units.ts';
import { held } from '../support/faults.ts';
import { World } from '../support/world.ts';

const open = async () => {
  const world = await World.open();
  const vmID = await world.boot();
  return { world, vmID, vm: world.vms.get(vmID) };
};
const dimm =
  "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>";

describe('the balloon target', () => {
  test('is carried over even if it cannot be written', async () => {
    const { world, vmID, vm } = await open();
    await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
    world.faults.setMetadata = () => Promise.reject(new HypervisorError('failed', 'disk full'));
    await world.host.attachDevice(vmID, dimm);
    await world.seconds(1);
    expect(vm.balloonTarget).toBe(917_504);
  });

  test('is not written before a client has set one', async () => {
    const { world, vmID, vm } = await open();
    await world.host.attachDevice(vmID, dimm);
    await world.seconds(1);
    expect(vm.balloonTarget).toBe(1_179_648);
    expect(await world.host.domainXml(vm.id)).not.toContain('balloonTarget');
  });

  test('is carried over for a device that is plugged while the metadata are written', async () => {
    const { world, vmID, vm } = await open();
    world.faults.setMetadata = async (...args) => {
      delete world.faults.setMetadata;
      await world.host.attachDevice(vmID, dimm);
      return world.host.setMetadata(...args);
    };
    await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
    await world.seconds(1);
    expect(vm).toMatchObject({ memory: 1_179_648, balloonTarget: 917_504 });
  });
});

describe('reading the domain', () => {
  test('with the text of the last read gives the same domain, without parsing it again', async () => {
    const { world, vmID, vm } = await open();
    await vm.read();
    const before = vm.domain;
    await vm.read();
    expect(vm.domain).toBe(before);
    await world.host.attachDevice(vmID, dimm);
    await vm.read();
    expect(vm.domain.memoryDevices).toHaveLength(1);
  });

  test('with that text after a write shows that another program has undone it', async () => {
    const { world, vmID, vm } = await open();
    await vm.read();
    const before = vm.xml;
    await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
    world.faults.domainXml = () => Promise.resolve(before);
    await vm.read();
    expect(world.lines).toContainEqual(
      expect.objectContaining({ restored: expect.arrayContaining(['balloonTarget']) }),
    );
  });
});

describe('metadata', () => {
  test('of other programs stay when ours are written', async () => {
    const { world, vmID } = await open();
    await world.host.setMetadata(vmID, {
      prefix: 'ovirt-vm',
      uri: 'http://ovirt.org/vm/1.0',
      xml: '<vm><clusterVersion>4.7</clusterVersion><external type="bool">false</external></vm>',
    });
    await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
    const xml = await world.host.domainXml(vmID);
    expect(xml).toMatch(/clusterVersion>4\.7</);
    expect(xml).toMatch(/balloonTarget[^>]*>786432</);
  });

  test('that were written although the call failed are undone', async () => {
    const { world, vmID, vm } = await open();
    world.faults.setMetadata = async (...args) => {
      await world.host.setMetadata(...args);
      throw new HypervisorError('failed', 'not now');
    };
    const asked = world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
    await expect(asked).rejects.toMatchObject({ code: 53 });
    delete world.faults.setMetadata;
    await world.seconds(10);
    expect(vm.balloonTarget).toBe(1_048_576);
    expect(world.calls).not.toContain('setBalloon');
    await world.restart();
    expect(world.vms.get(vmID).balloonTarget).toBe(1_048_576);
  });

  test('that could not be written are not in force', async () => {
    const { world, vmID, vm } = await open();
    world.faults.setMetadata = () => Promise.reject(new HypervisorError('failed', 'disk full'));
    await expect(
      world.call('VM.setBalloonTarget', { vmID, target: 786_432 }),
    ).rejects.toMatchObject({ code: 53, message: expect.stringContaining('disk full') });
    expect(vm.balloonTarget).toBe(1_048_576);
  });
});

test('a status that ends by itself is reported with the next sample', async () => {
  const { world, vmID } = await open();
  await world.call('VM.reset', { vmID });
  await world.seconds(61);
  expect(world.news('status', vmID).at(-1)).toMatchObject({ status: 'RebootInProgress' });
  await world.vms.sample();
  expect(world.news('status', vmID).at(-1)).toMatchObject({ status: 'Up' });
});

test('a change of the balloon between two samples is reported and recorded', async () => {
  const { world, vmID, vm } = await open();
  vm.recordBalloon(KiB(900_000));
  expect(world.news('memory', vmID).at(-1)).toEqual({
    event: 'balloon-change',
    balloon_cur: '900000',
  });
  expect(await world.balloon(vmID)).toMatchObject({ balloon_cur: '900000' });
});

test('a change of the balloon before the first sample is reported, but figures need the sample', async () => {
  const { world, vmID } = await open();
  await world.restart();
  world.told.length = 0;
  world.vms.get(vmID).recordBalloon(KiB(900_000));
  expect(world.news('memory', vmID)).toEqual([{ event: 'balloon-change', balloon_cur: '900000' }]);
  expect(await world.balloon(vmID)).not.toHaveProperty('balloon_cur');
});

test('operations on one VM never overlap', async () => {
  const { world, vmID } = await open();
  const slow = held<undefined>();
  let running = 0;
  let most = 0;
  world.faults.setBalloon = async () => {
    most = Math.max(most, ++running);
    await slow.answer;
    running -= 1;
  };
  const asked = [600_000, 700_000, 800_000].map((target) =>
    world.call('VM.setBalloonTarget', { vmID, target }),
  );
  await world.seconds(1);
  slow.release(undefined);
  await Promise.all(asked);
  expect(most).toBe(1);
  expect(await world.balloon(vmID)).toMatchObject({ balloon_target: '800000' });
});

describe('freshness', () => {
  const goOn = async (world: World, seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 5) {
      await world.seconds(5);
      await world.vms.sample();
    }
  };
  const told = (world: World, vmID: string) =>
    world
      .news('memory', vmID)
      .flatMap(({ event, freshness }) =>
        event === 'freshness' ? [(freshness as { readonly state: string }).state] : [],
      );

  test('is reported when it changes, and only then', async () => {
    const { world, vmID } = await open();
    world.told.length = 0;
    await goOn(world, 60);
    expect(told(world, vmID)).toEqual([]);
    world.host.guest(vmID).setBehaviour({ statistics: false });
    await goOn(world, 60);
    expect(world.news('memory', vmID)).toEqual([
      { event: 'freshness', freshness: { state: 'stale', age_s: expect.any(Number) } },
    ]);
    world.host.guest(vmID).setBehaviour({ statistics: true });
    await goOn(world, 15);
    expect(told(world, vmID)).toEqual(['stale', 'fresh']);
  });

  test('of a paused VM is reported at once, and is paused until it is resumed', async () => {
    const { world, vmID } = await open();
    world.told.length = 0;
    await world.call('VM.pause', { vmID });
    expect(told(world, vmID)).toEqual(['paused']);
    await goOn(world, 600);
    expect(told(world, vmID)).toEqual(['paused']);
    await world.call('VM.cont', { vmID });
    await goOn(world, 15);
    expect(told(world, vmID).at(-1)).toBe('fresh');
  });

  test('is reset by every run', async () => {
    const { world, vmID } = await open();
    const xml = await world.host.domainXml(vmID);
    world.host.guest(vmID).crash();
    await world.seconds(1);
    world.told.length = 0;
    await world.host.undefineDomain(vmID);
    await world.host.createDomain(xml, { paused: false });
    await goOn(world, 20);
    expect(told(world, vmID)).toEqual(['never', 'fresh']);
  });

  test('becomes stale also if the hypervisor is unreachable', async () => {
    const { world, vmID } = await open();
    world.told.length = 0;
    world.host.disconnect();
    for (let n = 0; n < 8; n += 1) {
      await world.seconds(5);
      await expect(world.vms.sample()).rejects.toThrow('not connected');
    }
    expect(told(world, vmID)).toEqual(['stale']);
  });

  test('becomes stale also if other guests that hang prevent the sample', async () => {
    const { world, vmID } = await open();
    world.faults.sampleAll = () =>
      Promise.resolve(new Map([[vmID, { state: 'running' as const, current: KiB(1_048_576) }]]));
    await goOn(world, 30);
    expect(await world.stats(vmID)).toHaveProperty('memoryStats');
    await goOn(world, 5);
    expect(await world.balloon(vmID)).toMatchObject({ freshness: { state: 'stale', age_s: 35 } });
    expect(await world.stats(vmID)).not.toHaveProperty('memoryStats');
    expect(await world.stats(vmID)).toMatchObject({ memUsage: '0', monitorResponse: '0' });
  });
});

test('rates do not depend on the sampling interval', async () => {
  const { world, vmID } = await open();
  const rates = new Set<unknown>();
  for (let n = 0; n < 20; n += 1) {
    await world.seconds(3);
    await world.vms.sample();
    const { memoryStats } = await world.stats(vmID);
    rates.add((memoryStats as { readonly minflt?: number } | undefined)?.minflt);
  }
  expect([...rates]).toEqual([40]);
});

test('no more samples are kept than configured', async () => {
  const { world, vm } = await open();
  for (let n = 0; n < 100; n += 1) {
    await world.seconds(5);
    await world.vms.sample();
  }
  expect([...vm.samples]).toHaveLength(60);
});
