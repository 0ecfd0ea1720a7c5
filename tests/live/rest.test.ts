import { beforeAll, expect, it } from '@jest/globals';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { hosts } from './hosts.ts';
import { Vmemd } from './vmemd.ts';

const MIB = 1024 * 1024;

interface VmInJson {
  readonly memory: number;
  readonly memory_policy: { readonly guaranteed?: number };
  readonly next_run_configuration_exists: string;
}

for (const { name, suite, uri } of hosts) {
  suite(`a guest's memory over REST on ${name}`, () => {
    let vmemd: Vmemd;
    let guest: Guest;
    let path: string;
    const later = atEnd();

    beforeAll(async () => {
      vmemd = await Vmemd.start(uri);
      later(async () => expect(await vmemd.end()).toBe(0));
      const client = await WsClient.connect(vmemd.url);
      later(() => client.close());
      guest = await Guest.create(client);
      later(() => guest.dispose());
      await guest.booted();
      path = `${vmemd.httpUrl.replace(/\/$/, '')}/ovirt-engine/api/v4/vms/${guest.id}`;
    });

    const headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      version: '4',
      authorization: 'Bearer x',
    };
    const get = async (query = ''): Promise<VmInJson> =>
      (await (await fetch(path + query, { headers })).json()) as VmInJson;
    const put = (body: object, query = '', more = {}): Promise<Response> =>
      fetch(path + query, {
        method: 'PUT',
        headers: { ...headers, ...more },
        body: JSON.stringify(body),
      });

    it('grows at once with a status of 200 and the location of its job', async () => {
      const reply = await put({ memory: 768 * MIB });
      expect(reply.status).toBe(200);
      await eventually(get, ({ memory }) => memory === 768 * MIB);
      await eventually(
        () => guest.memTotal(),
        (kib) => kib > 620 * 1024,
      );
    });

    it('shrinks with the guest, with a status of 202 for a client that asks for it', async () => {
      const reply = await put({ memory: 512 * MIB }, '', { prefer: 'respond-async' });
      expect(reply.status).toBe(202);
      expect(reply.headers.get('location')).toContain('/ovirt-engine/api/v4/vms/');
      await eventually(get, ({ memory }) => memory === 512 * MIB);
    });

    it('has a next run that is read and set apart from this run', async () => {
      const before = await get();
      expect(before.next_run_configuration_exists).toBe('false');
      const sizes = { memory: 600 * MIB, memory_policy: { guaranteed: 300 * MIB } };
      const reply = await put(sizes, '?next_run=true');
      expect(reply.status).toBe(200);
      expect(await reply.json()).toMatchObject(sizes);
      expect(await get('?next_run=true')).toMatchObject(sizes);
      expect(await get()).toEqual({ ...before, next_run_configuration_exists: 'true' });
    });
  });
}
