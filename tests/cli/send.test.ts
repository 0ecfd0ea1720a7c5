import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { send } from '../../src/cli/send.ts';

const failing = (code: string): Writable => {
  const output = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error(code), { code }));
    },
  });
  output.on('error', () => undefined);
  return output;
};

test('a reader that has gone ends the output, also for what is written later', async () => {
  const output = failing('EPIPE');
  expect([await send(output, 'ab'), await send(output, 'ab')]).toEqual([false, false]);
});

test('another error of the output is thrown', async () => {
  const output = failing('ENOSPC');
  await expect(send(output, 'ab')).rejects.toThrow('ENOSPC');
  await expect(send(output, 'ab')).rejects.toThrow('ENOSPC');
});
