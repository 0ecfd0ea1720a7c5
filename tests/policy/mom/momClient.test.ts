import { describe, expect, test } from '@jest/globals';
import { MomClient } from '../../../src/policy/mom/momClient.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { fault, saying, useMom } from '../../support/fakeMom.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const fixture = useMom();

function connected() {
  const clock = new VirtualClock();
  const { mom } = fixture;
  return { clock, mom, client: new MomClient(mom.path, clock) };
}
const SECOND = 1000;

test('reports whether MoM runs', async () => {
  const { mom, client } = connected();
  expect(await client.isActive()).toBe(true);
  expect(mom.calls).toEqual([{ method: 'ping', params: [] }]);
});

test('sends any policy text unchanged', async () => {
  const { mom, client } = connected();
  const policy = '(if (< a 1) "x" & \'y\')\n# ]]> <boolean>0</boolean> é 😀';
  await client.setPolicy(policy);
  await client.setNamedPolicy('01-parameters', policy);
  expect(mom.calls).toEqual([
    { method: 'setPolicy', params: [policy] },
    { method: 'setNamedPolicy', params: ['01-parameters', policy] },
  ]);
});

test('rejects if MoM refuses a policy', async () => {
  const { mom, client } = connected();
  mom.says(saying(false));
  await expect(client.setPolicy('(')).rejects.toThrow('MoM refused setPolicy');
  await expect(client.setNamedPolicy('a', '(')).rejects.toThrow('MoM refused setNamedPolicy');
});

test('a MoM that replies false, or with a fault, is not active, and is called again at once', async () => {
  const { mom, client } = connected();
  for (const answer of [saying(false), fault]) {
    mom.says(answer);
    expect(await client.isActive()).toBe(false);
  }
  mom.says(fault);
  await expect(client.setPolicy('x')).rejects.toThrow('KeyError');
  mom.says(saying(true));
  expect(await client.isActive()).toBe(true);
});

describe('a MoM', () => {
  test('that is not reachable is not called for 5 s', async () => {
    const { clock, mom, client } = connected();
    await mom.stop();
    await expect(client.setPolicy('x')).rejects.toThrow(/ENOENT|ECONNREFUSED/);
    await mom.start();
    await clock.advance(Milliseconds(4.9 * SECOND));
    expect(await client.isActive()).toBe(false);
    await expect(client.setPolicy('x')).rejects.toThrow('a moment ago');
    expect(mom.calls).toEqual([]);
    await clock.advance(Milliseconds(0.2 * SECOND));
    expect(await client.isActive()).toBe(true);
  });

  test('that does not reply times out after 2 s', async () => {
    const { clock, mom, client } = connected();
    mom.answer = () => undefined;
    const call = client.setPolicy('x');
    const ended = expect(call).rejects.toThrow('did not answer in 2 s');
    await until(() => mom.calls.length === 1);
    await clock.advance(Milliseconds(2 * SECOND));
    await ended;
  });

  test('that stops in the middle of its reply times out', async () => {
    const { clock, mom, client } = connected();
    let begun = false;
    mom.answer = (response) => {
      response.write('<methodResponse>');
      begun = true;
    };
    const active = client.isActive();
    await until(() => begun);
    await clock.advance(Milliseconds(2 * SECOND));
    expect(await active).toBe(false);
  });

  test('that closes the connection is not active', async () => {
    const { mom, client } = connected();
    mom.answer = (_, request) => request.socket.destroy();
    await expect(client.setPolicy('x')).rejects.toThrow(/hang up|ECONNRESET/);
  });

  test.each([['no'], ['<html>'], ['']])('that replies %j is not active', async (garbage) => {
    const { mom, client } = connected();
    mom.says(garbage);
    expect(await client.isActive()).toBe(false);
    await expect(client.setPolicy('x')).rejects.toThrow('the reply is not');
  });

  test('that replies with an HTTP error is not active', async () => {
    const { mom, client } = connected();
    mom.says(saying(true), 500);
    await expect(client.setPolicy('x')).rejects.toThrow('HTTP status 500');
  });

  test('that replies without end is disconnected', async () => {
    const { mom, client } = connected();
    let isCut = false;
    mom.answer = (response, request) => {
      const more = 'x'.repeat(65_536);
      const pour = (): void => {
        if (isCut) return;
        response.write(more, () => setImmediate(pour));
      };
      request.socket.on('close', () => {
        isCut = true;
      });
      pour();
    };
    await expect(client.setPolicy('x')).rejects.toThrow('MoM sent more than 1 MiB');
    await until(() => isCut);
  });
});
