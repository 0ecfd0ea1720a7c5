import { expect, test } from '@jest/globals';
import { failing, useHost, uuid } from './fixture.ts';

const fixture = useHost();

const metadata = { prefix: 'ovirt-vm', uri: 'http://ovirt.org/vm/1.0', xml: '<vm/>' };

test('writes metadata to the live domain and the configuration, as far as they exist', async () => {
  const { daemon, host } = fixture;
  const flags: number[] = [];
  const takes = (taken: number) => {
    flags.length = 0;
    daemon.on('domainSetMetadata', (args) => {
      flags.push(args.flags);
      return args.flags === taken ? undefined : failing(55)();
    });
  };
  for (const [taken, tried] of [
    [3, [3]],
    [1, [3, 1]],
    [2, [3, 1, 2]],
  ] as const) {
    takes(taken);
    await host.setMetadata(uuid, metadata);
    expect(flags).toEqual(tried);
  }
  takes(99);
  await expect(host.setMetadata(uuid, metadata)).rejects.toMatchObject({ kind: 'refused' });
  expect(daemon.received('domainSetMetadata')[0]).toMatchObject({
    dom: { uuid },
    type: 2,
    metadata: '<vm/>',
    key: 'ovirt-vm',
    uri: 'http://ovirt.org/vm/1.0',
  });
});

test.each([
  ['live', 1],
  ['next-run', 2],
] as const)('writes only the metadata of the %s if requested', async (where, flags) => {
  const { daemon, host } = fixture;
  daemon.on('domainSetMetadata', () => undefined);
  await host.setMetadata(uuid, { ...metadata, where });
  daemon.on('domainSetMetadata', failing(55));
  await expect(host.setMetadata(uuid, { ...metadata, where })).rejects.toMatchObject({
    kind: 'refused',
  });
  expect(daemon.received('domainSetMetadata').map((args) => args.flags)).toEqual([flags, flags]);
});
