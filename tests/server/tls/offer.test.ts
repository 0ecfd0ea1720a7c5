import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { offerTls, type OfferOptions } from '../../../src/server/tls/offer.ts';
import { recorder } from '../../support/call.ts';
import { needs } from '../../support/needs.ts';
import { makePki, type Pki } from '../../support/pki.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const { lines, log } = recorder();
const offer = (options: Partial<OfferOptions>) => {
  lines.length = 0;
  return offerTls({
    ssl: true,
    addresses: ['localhost', '::'],
    folder: '/nonexistent',
    log,
    clock: new VirtualClock(),
    ...options,
  });
};

test('a service on loopback only starts without certificates, and logs it', async () => {
  expect(await offer({ addresses: ['localhost', '127.0.0.1'] })).toBeUndefined();
  expect(lines).toMatchObject([
    { level: 30, msg: 'connections are not encrypted: there are no certificates in /nonexistent' },
  ]);
});

test('any other address without certificates is refused with advice', async () => {
  await expect(offer({})).rejects.toThrow(
    /^:: is served with TLS only, and there are no certificates in \/nonexistent: .*vmemd pki --init/,
  );
});

test('disabled TLS is logged', async () => {
  expect(await offer({ ssl: false })).toBeUndefined();
  expect(lines).toMatchObject([{ msg: 'connections are not encrypted: [vars] ssl is off' }]);
});

needs('openssl')('existing certificates', () => {
  let pki: Pki;
  beforeAll(async () => {
    pki = await makePki();
  });
  afterAll(() => {
    pki.remove();
  });

  test('are used on any address', async () => {
    const tls = await offer({ folder: pki.folder });
    expect(tls?.certificateExpiry()).toBeInstanceOf(Date);
    expect(lines).toEqual([]);
    tls?.close();
  });
});
