import { expect, test } from '@jest/globals';
import { hints } from '../../src/cli/hints.ts';

const simulated = { connection: 'a simulated host', addresses: ['127.0.0.1:5', '[::1]:5'] };

test('says which host is served, and where', () => {
  expect(hints(simulated)).toMatch(/^vmemd serves a simulated host on ws:\/\/localhost:5;/);
  expect(hints({ ...simulated, addresses: ['[::1]:7'] })).toContain(' on ws://[::1]:7;');
});

test('gives complete requests, each a line to paste', () => {
  const lines = hints(simulated)
    .split('\n')
    .filter((line) => line.includes('wscat'));
  const requests = lines.map((line) => {
    const [, request = ''] =
      /^ {4}npx wscat -c ws:\/\/localhost:5 -w 1 -x '([^']+)'$/.exec(line) ?? [];
    return JSON.parse(request) as { jsonrpc: string; method: string };
  });
  expect(requests.map(({ method }) => method)).toEqual([
    'Host.getVMList',
    'VM.create',
    'VM.getBalloonInfo',
    'VM.setBalloonTarget',
    'rpc.discover',
  ]);
  expect(new Set(requests.map(({ jsonrpc }) => jsonrpc))).toEqual(new Set(['2.0']));
});

test('shows certificates where nothing is served without', () => {
  const elsewhere = { connection: 'a simulated host', addresses: ['192.0.2.1:5', '192.0.2.2:5'] };
  expect(hints(elsewhere, '/pki')).toContain(
    'npx wscat -c wss://192.0.2.1:5 --ca /pki/certs/cacert.pem --cert /pki/certs/vdsmcert.pem --key /pki/keys/vdsmkey.pem -w 1',
  );
});
