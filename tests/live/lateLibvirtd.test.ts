import { expect, it } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

needs('libvirtd')('a libvirtd that starts after vmemd', () => {
  const later = atEnd();

  it('is found by itself, and its host is real', async () => {
    const libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    await libvirtd.end();
    const started = Vmemd.start(libvirtd.uri);
    // long enough for vmemd to find no libvirtd
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await libvirtd.restart();
    const vmemd = await started;
    later(() => vmemd.end());
    const health = await fetch(`${vmemd.httpUrl}/healthz`);
    expect(health.status).toBe(200);
    const client = await WsClient.connect(vmemd.url);
    later(() => client.close());
    expect(await client.call('Host.getCapabilities')).toMatchObject({ simulated: false });
  });
});
