import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test.each(['', 'hello', '42', 'true', 'Grüße\n'])('returns %j unchanged', async (message) => {
  const world = await World.open();
  await expect(world.call('Host.echo', { message })).resolves.toBe(message);
  await expect(world.call('Host.echo', [message])).resolves.toBe(message);
});

test.each([[{}], [{ message: null }], [{ message: 5 }]])('refuses %j', async (params) => {
  const world = await World.open();
  await expect(world.call('Host.echo', params)).rejects.toMatchObject({ code: -32602 });
});
