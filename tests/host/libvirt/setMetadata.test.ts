import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
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

describe('metadata of the next run', () => {
  const nextRun = '<domain><name>next</name></domain>';
  const edit = (xml: string) => ({ ...metadata, xml: `<vm of="${xml.length}"/>` });
  const edited = `<vm of="${nextRun.length}"/>`;
  const written = () =>
    fixture.daemon.received('domainSetMetadata').map((args) => [args.flags, args.metadata]);
  const serve = (persistent: 0 | 1) => {
    const { daemon } = fixture;
    daemon.on('domainGetXmlDesc', ({ flags }) => (flags === 2 ? nextRun : '<domain/>'));
    daemon.on('domainSetMetadata', () => undefined);
    daemon.on('domainIsPersistent', () => persistent);
  };

  test('are edited by one read and one write', async () => {
    serve(1);
    expect(await fixture.host.editNextRunMetadata(uuid, edit)).toBe(true);
    expect(written()).toEqual([[2, edited]]);
    expect(fixture.daemon.calls.map(({ name }) => name)).toEqual([
      'domainGetXmlDesc',
      'domainSetMetadata',
    ]);
  });

  test('are those of no transient domain', async () => {
    serve(0);
    fixture.daemon.on('domainSetMetadata', failing(55));
    expect(await fixture.host.editNextRunMetadata(uuid, edit)).toBe(false);
  });

  test.each([
    ['that libvirt refuses to write', 55, 'refused'],
    ['that cannot be written', 38, 'failed'],
  ])('%s are an error', async (_, code, kind) => {
    serve(1);
    fixture.daemon.on('domainSetMetadata', failing(code));
    const editing = fixture.host.editNextRunMetadata(uuid, edit);
    await expect(editing).rejects.toMatchObject({ kind });
  });

  test('that cannot be edited are an error, and are not written', async () => {
    serve(1);
    const fails = () => {
      throw new HypervisorError('failed', 'torn');
    };
    const editing = fixture.host.editNextRunMetadata(uuid, fails);
    await expect(editing).rejects.toThrow('torn');
    expect(written()).toEqual([]);
  });
});
