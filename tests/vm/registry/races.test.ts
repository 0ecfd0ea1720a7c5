import { expect, test } from '@jest/globals';
import { type Hypervisor, HypervisorError } from '../../../src/host/hypervisor.ts';
import { idOf, World } from '../../support/world.ts';

const gone = () => Promise.reject(new HypervisorError('no-domain', 'Domain not found'));
const stopped = () =>
  Promise.reject(
    new HypervisorError('refused', 'Requested operation is not valid: domain is not running'),
  );
const broken = () => Promise.reject(new TypeError('a bug'));

const loud = (world: World) =>
  world.lines.filter((line) => Number(line['level']) >= 40 && 'err' in line);

const operations = [
  'domainXml',
  'setMetadata',
  'setBalloon',
  'setStatsPeriod',
  'attachDevice',
  'detachDevice',
] as const satisfies readonly (keyof Hypervisor)[];

test.each(
  operations.flatMap((name) => [
    [name, 'gone', gone] as const,
    [name, 'stopped', stopped] as const,
  ]),
)('a VM that ends while %s runs, which says that it is %s, is no error', async (name, _, end) => {
  const world = await World.open({ period: { own: 'always' } });
  const vmID = await world.boot();
  const alias = await world.plug(vmID);
  const requests = [
    world.call('VM.setBalloonTarget', { vmID, target: 786_432 }),
    world.unplug(vmID, alias),
    world.plug(vmID),
  ];
  const settled = Promise.allSettled(requests);
  world.faults[name] = end;
  world.host.guest(vmID).rebootFromInside();
  await world.seconds(1);
  await world.host.setMetadata(vmID, { prefix: 'x', uri: 'http://x', xml: '<x/>' });
  await world.seconds(1);
  world.host.guest(vmID).crash();
  await world.sampledFor(120);
  await settled;
  expect(loud(world)).toEqual([]);
  expect(world.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

test('a domain that ends between the list and its first read is neither an error nor unread', async () => {
  const world = await World.open();
  await world.host.createDomain(
    `<domain type='kvm'><name>brief</name><uuid>${idOf(9)}</uuid><memory>1048576</memory></domain>`,
    { paused: false },
  );
  world.faults.domainXml = gone;
  await world.seconds(10);
  expect(world.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  expect(() => world.vms.get(idOf(9))).toThrow('is not the id of a VM');
});

test('a bug in the handling of an event is an error with its stack', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.domainXml = broken;
  await world.host.setMetadata(vmID, { prefix: 'x', uri: 'http://x', xml: '<x/>' });
  await world.seconds(1);
  expect(loud(world)).toContainEqual(
    expect.objectContaining({ level: 50, err: expect.objectContaining({ message: 'a bug' }) }),
  );
});
