import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nameOf } from '../../src/client/index.ts';
import { hostsOf } from '../../src/vmemctl/connect/hosts.ts';
import { type LocalDaemon, localDaemon } from '../../src/vmemctl/connect/localDaemon.ts';
import { tlsFiles } from '../../src/vmemctl/connect/tlsFiles.ts';
import type { GlobalOptions } from '../../src/vmemctl/globals.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vmemctl-root-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(name: string, text = ''): void {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), text);
}

describe("this machine's daemon", () => {
  const configured = async (text: string): Promise<LocalDaemon> => {
    write('etc/vmemd/vmemd.conf', text);
    return localDaemon(root);
  };

  test('is where it is by default', async () => {
    expect(await localDaemon(root)).toEqual({
      socket: join(root, 'run/vmemd/vmemd.sock'),
      address: 'localhost',
      port: 54_321,
      hasPki: false,
    });
  });

  test('is where its configuration says', async () => {
    const text = `[rpc]\nunix_socket = /run/x.sock\n[addresses]\nmanagement_ip = 192.0.2.1, 127.0.0.2:5\n`;
    write('etc/pki/vdsm/certs/cacert.pem');
    expect(await configured(text)).toEqual({
      socket: '/run/x.sock',
      address: '127.0.0.2',
      port: 5,
      hasPki: true,
    });
  });

  test.each([
    ['[addresses]\nmanagement_ip = ::\nmanagement_port = 7\n', { address: 'localhost', port: 7 }],
    ['[addresses]\nmanagement_ip = 192.0.2.1\n', { address: '192.0.2.1', port: 54_321 }],
    ['[addresses]\nmanagement_port = 0\n', { port: 54_321 }],
    ['[rpc]\nunix_socket = none\n', { socket: undefined }],
    ['[rpc]\nunix_socket = auto\n', { address: 'localhost' }],
    ['this is no configuration\n', { address: 'localhost', port: 54_321 }],
  ])('with the configuration %j', async (text, expected) => {
    expect(await configured(text)).toMatchObject(expected);
  });
});

describe('the ways to a host', () => {
  const local: LocalDaemon = { socket: '/s', address: 'localhost', port: 54_321, hasPki: true };
  const ways = (options: Partial<GlobalOptions>, daemon = local): string[][] =>
    hostsOf({ host: [], color: true, ...options }, daemon).map(({ targets }) =>
      targets.map(nameOf),
    );

  test.each<[Partial<GlobalOptions>, string[]]>([
    [{}, ['/s', 'ws://localhost:54321', 'wss://localhost:54321']],
    [{ insecure: true }, ['ws://localhost:54321']],
    [{ port: 7 }, ['ws://localhost:7', 'wss://localhost:7']],
    [{ pki: '/p' }, ['wss://localhost:54321']],
    [{ host: ['kvm1'] }, ['wss://kvm1:54321']],
    [{ host: ['kvm1:7'], port: 9 }, ['wss://kvm1:7']],
    [{ host: ['kvm1'], insecure: true }, ['ws://kvm1:54321']],
    [{ host: ['[::1]:7'] }, ['ws://[::1]:7', 'wss://[::1]:7']],
    [{ host: ['::1'] }, ['ws://[::1]:54321', 'wss://[::1]:54321']],
    [{ host: ['[2001:db8::1]'] }, ['wss://[2001:db8::1]:54321']],
    [{ host: ['ws://kvm1/'] }, ['ws://kvm1:54321']],
    [{ host: ['wss://kvm1:7'] }, ['wss://kvm1:7']],
    [{ host: ['/run/x.sock'] }, ['/run/x.sock']],
    [{ host: ['unix:/run/x.sock'] }, ['/run/x.sock']],
  ])('of %j are %j', (options, expected) => {
    expect(ways(options)).toEqual([expected]);
  });

  test('leave out what this machine does not have', () => {
    const bare = { ...local, socket: undefined, hasPki: false };
    expect(ways({}, bare)).toEqual([['ws://localhost:54321']]);
  });

  test('are those of each host once', () => {
    expect(ways({ host: ['a', 'b', 'a'] })).toEqual([['wss://a:54321'], ['wss://b:54321']]);
  });

  test.each(['', 'a b', 'ws://', 'a:99999', 'http://a'])('of %j there are none', (host) => {
    expect(() => ways({ host: [host] })).toThrow(/is no host; write HOST, HOST:PORT/);
  });
});

test("a folder's client certificate is used before its host's", () => {
  expect(tlsFiles(root).cert).toBe(join(root, 'certs/vdsmcert.pem'));
  write('certs/clientcert.pem');
  expect(tlsFiles(root)).toEqual({
    ca: join(root, 'certs/cacert.pem'),
    cert: join(root, 'certs/clientcert.pem'),
    key: join(root, 'keys/clientkey.pem'),
  });
});
