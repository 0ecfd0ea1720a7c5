import { describe, expect, test } from '@jest/globals';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import { bootGuest, domainXml, openHost } from './support.ts';

describe('CPU limits', () => {
  test('are kept in the XML, each until it is set again', async () => {
    const { host, uuid } = await bootGuest();
    const cpuTune = async () => parseDomain(await host.domainXml(uuid)).cpuTune;
    expect(await cpuTune()).toBeUndefined();
    await host.setCpuTune(uuid, { quota: 50_000 });
    await host.setCpuTune(uuid, { period: 100_000 });
    expect(await cpuTune()).toEqual({ quota: 50_000, period: 100_000 });
    await host.setCpuTune(uuid, { quota: -1 });
    expect(await cpuTune()).toEqual({ quota: -1, period: 100_000 });
    await host.setCpuTune(uuid, { quota: 0 });
    expect(await cpuTune()).toEqual({ period: 100_000 });
  });

  test('are added beside other tuning', async () => {
    const { host } = await openHost();
    const xml = domainXml().replace('<vcpu>', '<cputune><shares>7</shares></cputune><vcpu>');
    const { uuid } = await host.createDomain(xml, { paused: false });
    await host.setCpuTune(uuid, { quota: 50_000 });
    expect(await host.domainXml(uuid)).toMatch(/<shares>7<\/shares>\s*<quota>50000<\/quota>/);
  });

  test("below libvirt's minimum are refused, all of the call", async () => {
    const { host, uuid } = await bootGuest();
    await expect(host.setCpuTune(uuid, { quota: 50_000, period: 999 })).rejects.toMatchObject({
      kind: 'invalid',
      message: "invalid argument: value of 'vcpu_period' is out of range",
    });
    expect(parseDomain(await host.domainXml(uuid)).cpuTune).toBeUndefined();
  });

  test('are refused for a domain that does not run', async () => {
    const { host, uuid } = await bootGuest();
    await host.destroyDomain(uuid, { graceful: true });
    await expect(host.setCpuTune(uuid, { quota: 50_000 })).rejects.toMatchObject({
      kind: 'refused',
    });
  });
});
