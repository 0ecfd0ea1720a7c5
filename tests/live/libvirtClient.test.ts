import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  affect,
  Client,
  listFlag,
  memoryTag,
  statsGroup,
  xmlFlag,
  type ClientEvent,
  type DomainRef,
} from '../../src/libvirt/index.ts';
import { readPage } from '../docs/markdown.ts';
import { needs, prerequisite } from '../support/needs.ts';
import { until } from '../support/until.ts';

const given = prerequisite('VMEMD_TEST_LIBVIRT');
const socket = given.includes('?') ? given.slice(given.indexOf('?')) : '';
/** Of libvirt's daemons only libvirtd has the test driver. */
const hasTestDriver = !socket.endsWith('/virtqemud-sock');
const NO_DOMAIN = 42;

const drivers = {
  test: {
    uri: `test:///default${socket}`,
    xml: (name: string, uuid: string) =>
      `<domain type='test'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>64</memory>
       <memtune><min_guarantee>32768</min_guarantee></memtune><os><type>hvm</type></os>
       <devices><memballoon model='virtio'/></devices></domain>`,
  },
  // Without an operating system: its firmware waits for a disk.
  qemu: {
    uri: `qemu:///system${socket}`,
    xml: (name: string, uuid: string) =>
      `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid>
       <maxMemory slots='4' unit='MiB'>1024</maxMemory><memory unit='MiB'>64</memory>
       <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
       <cpu mode='maximum'><numa><cell id='0' cpus='0' memory='64' unit='MiB'/></numa></cpu>
       <devices><memballoon model='virtio'><stats period='2'/></memballoon></devices></domain>`,
  },
} as const;

const onTestDriver = hasTestDriver ? needs('VMEMD_TEST_LIBVIRT') : () => undefined;
onTestDriver('the document of the libvirt client', () => {
  it('has programs that run as shown on the test driver', async () => {
    const root = join(import.meta.dirname, '../..');
    const { blocks } = readPage(await readFile(join(root, 'docs/libvirt-client.md'), 'utf8'));
    const folder = await mkdtemp(join(tmpdir(), 'libvirt-client-'));
    const run = async (language: string) => {
      const { lines } = blocks.find((each) => each.language === language) ?? { lines: [] };
      const program = lines.join('\n').replace("'test:///default'", `'${drivers.test.uri}'`);
      await writeFile(join(folder, `program.m${language}`), program);
      const loader = join(root, 'node_modules/tsx/dist/loader.mjs');
      const args = ['--import', loader, `program.m${language}`];
      return (await promisify(execFile)(process.execPath, args, { cwd: folder })).stdout.trim();
    };
    try {
      const library = join(folder, 'node_modules/vmemd');
      await mkdir(library, { recursive: true });
      const source = JSON.stringify(join(root, 'src/libvirt/index.ts'));
      await writeFile(join(library, 'libvirt.mts'), `export * from ${source};`);
      const manifest = { exports: { './libvirt': './libvirt.mts' } };
      await writeFile(join(library, 'package.json'), JSON.stringify(manifest));
      const shown = blocks.find(({ language }) => language === 'text');
      expect(await run('js')).toBe(shown?.lines.join('\n'));
      expect(await run('ts')).toMatch(/^test [01]$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

for (const [driver, { uri, xml }] of Object.entries(drivers)) {
  if (driver === 'test' && !hasTestDriver) continue;
  needs('VMEMD_TEST_LIBVIRT')(`the libvirt client on the ${driver} driver`, () => {
    const uuid = randomUUID();
    const name = `gäst-日本-${uuid.slice(0, 8)}`;
    const seen: ClientEvent[] = [];
    let client: Client;
    let defined: DomainRef;

    const domain = () => client.control.domain(uuid);
    const lifecycle = () =>
      seen.flatMap((event) =>
        event.kind === 'lifecycle' && event.dom.uuid === uuid ? [event.event] : [],
      );

    beforeAll(async () => {
      client = new Client({ uri });
      client.listen((event) => seen.push(event));
      await client.open();
      defined = await client.control.domainDefineXMLFlags(xml(name, uuid), 0);
      await domain().createWithFlags(0);
    });

    afterAll(async () => {
      await domain()
        .destroyFlags(0)
        .catch(() => undefined);
      await domain()
        .undefineFlags(0)
        .catch(() => undefined);
      client.close();
    });

    it('keeps names in UTF-8 and UUIDs unchanged', async () => {
      expect(defined).toMatchObject({ name, uuid });
      expect(await client.control.domainLookupByName(name)).toMatchObject({ uuid });
      const listed = await client.control.listAllDomains(listFlag.active | listFlag.persistent);
      expect(listed).toContainEqual(expect.objectContaining({ name, uuid }));
    });

    it('knows its host', async () => {
      expect(await client.control.getCapabilities()).toContain('<capabilities>');
      expect(await client.control.getLibVersion()).toBeGreaterThan(7_000_000);
      expect(await client.control.getHostname()).not.toBe('');
      expect((await client.control.nodeGetInfo()).cpus).toBeGreaterThan(0);
    });

    it('reads a running domain', async () => {
      const info = await domain().getInfo();
      expect(info).toMatchObject({ state: 1, maxMemory: 65_536, memory: 65_536, vcpus: 1 });
      expect(typeof info.cpuTime).toBe('bigint');
      expect((await domain().memoryStats()).get(memoryTag.actualBalloon)).toBe(65_536n);
      expect(await domain().getXMLDesc(0)).toContain(name);
    });

    it('has bulk statistics of exactly the requested domains', async () => {
      const stats = { stats: statsGroup.state | statsGroup.balloon, flags: 0 };
      const [record, ...more] = await client.statistics.getAllDomainStats([defined], stats);
      expect(more).toEqual([]);
      expect(record?.domain).toMatchObject({ name, uuid });
      expect(record?.values.get('state.state')).toBe(1);
    });

    it('writes and reads metadata, and receives the event', async () => {
      const element = { type: 2, uri: 'http://example.org/vmemd' };
      const metadata = '<v a="ü">日本</v>';
      const both = affect.live | affect.config;
      await domain().setMetadata({ ...element, metadata, key: 'p' }, both);
      expect(await domain().getMetadata(element, 0)).toMatch(/^<v a=.*<\/v>$/s);
      await until(() => seen.some(({ kind }) => kind === 'metadata-change'));
      await domain().setMetadata(element, both);
      await expect(domain().getMetadata(element, 0)).rejects.toMatchObject({ code: 80 });
    });

    it('sets the balloon within the memory and not beyond', async () => {
      await domain().setMemoryFlags(50_000, affect.live);
      await expect(domain().setMemoryFlags(70_000, affect.live)).rejects.toMatchObject({ code: 8 });
    });

    it('gives each of fifty concurrent calls its own error', async () => {
      const wanted = Array.from({ length: 50 }, () => randomUUID());
      const failed = wanted.map((each, i) =>
        (i % 2 === 0 ? client.control : client.statistics).domain(each).getInfo(),
      );
      for (const [i, result] of (await Promise.allSettled(failed)).entries()) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: NO_DOMAIN } });
        expect(String((result as PromiseRejectedResult).reason)).toContain(wanted[i]);
      }
    });

    if (driver === 'qemu') {
      it('reads the CPU models that guests can have', async () => {
        const told = await client.control.getDomainCapabilities({ virtType: 'qemu' });
        expect(told).toMatch(/<model usable='yes'[^>]*>qemu64<\/model>/);
        const wrong = client.control.getDomainCapabilities({ arch: 'none' });
        await expect(wrong).rejects.toMatchObject({ code: 8 });
      });

      // of its configuration, as a running domain needs the host's cgroups
      it('limits how much CPU a domain may have', async () => {
        const limit = (field: string, type: number, value: bigint) =>
          domain().setSchedulerParametersFlags([{ field, type, value }], affect.config);
        await limit('vcpu_quota', 3, 50_000n);
        await limit('vcpu_period', 4, 200_000n);
        const written = await domain().getXMLDesc(xmlFlag.inactive);
        expect(written).toContain('<quota>50000</quota>');
        expect(written).toContain('<period>200000</period>');
        await expect(limit('vcpu_quota', 3, 999n)).rejects.toMatchObject({ code: 8 });
        await limit('vcpu_quota', 3, -1n);
        expect(await domain().getXMLDesc(xmlFlag.inactive)).toContain('<quota>-1</quota>');
      });

      it('plugs a DIMM and receives the event with the alias of the XML', async () => {
        const dimm =
          "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>";
        await domain().attachDeviceFlags(dimm, affect.live);
        await until(() => seen.some(({ kind }) => kind === 'device-added'));
        expect(seen).toContainEqual(
          expect.objectContaining({ kind: 'device-added', alias: 'dimm0' }),
        );
        expect(await domain().getXMLDesc(0)).toContain("<alias name='dimm0'/>");
      });
    }

    it('pauses, resumes, destroys and undefines, each with its event', async () => {
      await domain().suspend();
      expect(await domain().getState()).toMatchObject({ state: 3 });
      await domain().resume();
      await domain().destroyFlags(0);
      await domain().undefineFlags(0);
      await until(() => lifecycle().includes(1));
      expect(lifecycle()).toEqual(expect.arrayContaining([0, 2, 3, 4, 5, 1]));
      await expect(domain().getInfo()).rejects.toMatchObject({ code: NO_DOMAIN });
    });
  });
}
