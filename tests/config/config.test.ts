import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { configuration } from '../../schema/config.ts';
import { formatConfig, loadConfig, readSetting } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/setting.ts';
import { expectation, type Key } from '../../src/config/value.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vmemd-config-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(name: string, text: string): string {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const flag = (section: string, key: string, value: string) => ({
  origin: '--flag',
  section,
  key,
  value,
});

describe('loadConfig', () => {
  test('has a default for every key', () => {
    const config = loadConfig({ root });
    expect(config.addresses).toEqual({ management_ip: ['localhost'], management_port: 54321 });
    expect(config.libvirt.uri).toBe('qemu:///system');
    expect(config.memory).toMatchObject({ mem_stats_period_seconds: 10, autodeflate: true });
    expect(config.mom).toEqual({
      socket_path: '',
      parameters_path: '/var/lib/vmemd/mom-parameters.json',
    });
    expect(config.devel.api_strict_mode).toBe(false);
  });

  test('reads every type of key', () => {
    const file = write(
      'my.conf',
      '[memory]\nautodeflate = Off\nmem_stats_period_seconds = -5\n[rpc]\nallowed_origins = https://a , https://b,\n' +
        '[logging]\nlevel = debug\n[libvirt]\nuri = qemu:///system?socket=/run/my-sock\n',
    );
    const config = loadConfig({ root, files: [file] });
    expect(config.memory).toMatchObject({ autodeflate: false, mem_stats_period_seconds: -5 });
    expect(config.rpc.allowed_origins).toEqual(['https://a', 'https://b']);
    expect(config.logging.level).toBe('debug');
    expect(config.libvirt.uri).toBe('qemu:///system?socket=/run/my-sock');
  });

  test('accepts addresses with ports of their own', () => {
    const flags = [flag('addresses', 'management_ip', 'localhost, [::1]:54399,127.0.0.1:54400')];
    expect(loadConfig({ root, flags }).addresses.management_ip).toEqual([
      'localhost',
      '[::1]:54399',
      '127.0.0.1:54400',
    ]);
    const open = [flag('addresses', 'management_ip', '192.0.2.1:5'), flag('vars', 'ssl', 'no')];
    expect(() => loadConfig({ root, flags: open })).toThrow('which other machines can reach');
  });

  test('every other source wins over given defaults', () => {
    const defaults = [flag('libvirt', 'uri', 'auto')];
    expect(loadConfig({ root, defaults }).libvirt.uri).toBe('auto');
    const env = { VMEMD_LIBVIRT_URI: 'simulated' };
    expect(loadConfig({ root, defaults, env }).libvirt.uri).toBe('simulated');
  });

  test('later sources take precedence: file, drop-ins by name, --config in order, environment, flags', () => {
    const period = () => loadConfig(sources).memory.mem_stats_period_seconds;
    const sources: Parameters<typeof loadConfig>[0] & object = { root };
    const text = (value: number) => `[memory]\nmem_stats_period_seconds = ${value}\n`;

    write('etc/vmemd/vmemd.conf', text(1));
    expect(period()).toBe(1);
    write('etc/vmemd/vmemd.conf.d/10-a.conf', text(2));
    expect(period()).toBe(2);
    write('usr/lib/vmemd/vmemd.conf.d/50-b.conf', text(3));
    expect(period()).toBe(3);
    write('run/vmemd/vmemd.conf.d/20-c.conf', text(99));
    write('run/vmemd/vmemd.conf.d/90-notes.txt', 'no configuration');
    expect(period()).toBe(3);
    write('etc/vmemd/vmemd.conf.d/50-b.conf', text(4));
    expect(period()).toBe(4);
    Object.assign(sources, { files: [write('x.conf', text(98)), write('a.conf', text(5))] });
    expect(period()).toBe(5);
    Object.assign(sources, { env: { VMEMD_MEMORY_MEM_STATS_PERIOD_SECONDS: '6' } });
    expect(period()).toBe(6);
    Object.assign(sources, { flags: [flag('memory', 'mem_stats_period_seconds', '7')] });
    expect(period()).toBe(7);
  });

  test('ignores environment variables of other programs', () => {
    const env = {
      VMEMD_TEST_LIBVIRT: 'x',
      VMEMD_HOME: 'y',
      VMEMD_LOGGING_LEVEL: undefined,
      VMEMD_SERVICE_HOST: 'a variable of Kubernetes for a service named vmemd',
      VMEMD_PORT_54321_TCP: 'the same',
    };
    expect(loadConfig({ root, env })).toEqual(loadConfig({ root }));
  });

  test('is frozen at every depth', () => {
    const { rpc } = loadConfig({ root, flags: [flag('rpc', 'allowed_hosts', 'a')] });
    expect(() => Object.assign(rpc, { max_batch: 1 })).toThrow(TypeError);
    expect(() => (rpc.allowed_hosts as string[]).push('b')).toThrow(TypeError);
    const defaults = loadConfig({ root }).rpc.allowed_hosts as string[];
    expect(() => defaults.push('b')).toThrow(TypeError);
  });

  test.each([
    ['[memroy]\nx = 1', 'my.conf line 2: there is no section [memroy]; there are addresses'],
    ['[memory]\n\nballoon = 1', 'my.conf line 3: [memory] has no key balloon; it has mem_stats'],
    ['[constructor]\nname = 1', 'no section [constructor]'],
    ['[memory]\n__proto__ = 1', '[memory] has no key __proto__'],
    ['[memory]\nautodeflate = maybe', 'autodeflate must be true or false, not "maybe".'],
    [
      '[vars]\nvm_command_timeout = 0',
      'vm_command_timeout must be a whole number of seconds from 1 to 3600, not "0".',
    ],
    ['[addresses]\nmanagement_port = 1e3', 'whole number from 0 to 65535, not "1e3"'],
    ['[logging]\nlevel = loud', 'level must be one of trace, debug, info, warn, error, silent'],
    ['[vars]\npki_path =', 'pki_path must be some text, not "".'],
    ['[libvirt]\nuri =', 'uri must be auto, simulated or a libvirt URI of this host, as'],
    ['[libvirt]\nuri = bogus', 'uri must be auto, simulated or a libvirt URI of this host, as'],
    ['[libvirt]\nuri = qemu+ssh://other/system', 'a libvirt URI of this host, as qemu:///system'],
    [
      '[addresses]\nmanagement_ip = foo bar,,',
      'management_ip must be a list of host names or addresses, separated by commas, not "foo bar,,".',
    ],
    ['[addresses]\nmanagement_ip = ::1, 1.2.3.400', 'a list of host names or addresses'],
    ['[rpc]\nallowed_hosts = https://a', 'a list of host names or addresses'],
    ['[rpc]\nallowed_origins = a.example', 'a list of origins, as https://console.example.org,'],
    ['[memory]\nautodeflate: true', 'my.conf line 2: expected "[section]" or "key = value".'],
    [
      '[vars]\nssl = true\n[rpc]\n[vars]\nssl = false',
      'my.conf line 5: [vars] ssl is given a second time, after line 2.',
    ],
  ])('refuses %j with one sentence that has place and reason', (text, sentence) => {
    const files = [write('my.conf', text)];
    expect(() => loadConfig({ root, files })).toThrow(ConfigError);
    expect(() => loadConfig({ root, files })).toThrow(sentence);
  });

  test('reports every mistake, one per line', () => {
    const files = [write('my.conf', 'x\n[vars]\nssl = maybe\n'), join(root, 'absent.conf')];
    const env = { VMEMD_VARS_SLL: 'true' };
    const flags = [flag('addresses', 'management_port', '70000')];
    const refusal = catching(() => loadConfig({ root, files, env, flags }));
    expect((refusal as Error).message.split('\n')).toEqual([
      expect.stringContaining('my.conf line 1: expected'),
      expect.stringContaining('absent.conf cannot be read'),
      expect.stringContaining('my.conf line 3: [vars] ssl must be true or false'),
      expect.stringContaining('VMEMD_VARS_SLL: [vars] has no key sll'),
      expect.stringContaining('--flag: [addresses] management_port must be'),
    ]);
  });

  test.each([
    ['VMEMD_MEMORY_BALLOON', '[memory] has no key balloon'],
    ['VMEMD_LOG_LEVEL', 'there is no section [log]'],
    ['VMEMD_vars_sll', '[vars] has no key sll'],
  ])('refuses %s from the environment and names the variable', (name, words) => {
    expect(() => loadConfig({ root, env: { [name]: '1' } })).toThrow(`${name}: ${words}`);
  });

  test('reads a value of the environment as one of a file: without blanks around it', () => {
    const env = { VMEMD_RPC_UNIX_SOCKET: ' /run/a b\r\n' };
    expect(loadConfig({ root, env }).rpc.unix_socket).toBe('/run/a b');
  });

  test.each(['/run/a\nb', '/run/\0a', '\r\n'])('refuses %j, which no file can hold', (value) => {
    const env = { VMEMD_RPC_UNIX_SOCKET: value };
    expect(() => loadConfig({ root, env })).toThrow('[rpc] unix_socket must be some text');
  });

  test('shortens what it refuses', () => {
    const env = { VMEMD_VARS_SSL: 'x'.repeat(1e6) };
    const { message } = catching(() => loadConfig({ root, env })) as Error;
    expect(message.length).toBeLessThan(200);
  });

  test('refuses an unreadable file or folder, except missing optional ones', () => {
    const absent = join(root, 'absent.conf');
    expect(() => loadConfig({ root, files: [absent] })).toThrow('absent.conf cannot be read');
    expect(() => loadConfig({ root, files: [root] })).toThrow('cannot be read');
    write('etc/vmemd/vmemd.conf.d', 'a file in place of a folder');
    expect(() => loadConfig({ root })).toThrow('vmemd.conf.d cannot be read');
  });

  test.each(['a'.repeat(253), `${'a.'.repeat(120)}!`, '-a', 'a-', 'a..b', '.', '1'])(
    '%s is not a host name',
    (name) => {
      const flags = [flag('rpc', 'allowed_hosts', name)];
      expect(() => loadConfig({ root, flags })).toThrow('a list of host names');
    },
  );

  test.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('serves %s', (address) => {
    const flags = [flag('addresses', 'management_ip', address)];
    expect(loadConfig({ root, flags }).addresses.management_ip).toEqual([address]);
  });

  test.each(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'host.example'])(
    'serves %s with TLS, and without TLS only with both settings',
    (address) => {
      const flags = [flag('addresses', 'management_ip', `localhost, ${address}`)];
      expect(loadConfig({ root, flags }).addresses.management_ip).toEqual(['localhost', address]);
      expect(() => loadConfig({ root, flags, insecureListen: true })).not.toThrow();
      flags.push(flag('vars', 'ssl', 'false'));
      expect(() => loadConfig({ root, flags })).toThrow(
        `management_ip is ${address}, which other machines can reach, but [vars] ssl is off`,
      );
      expect(loadConfig({ root, flags, insecureListen: true }).vars.ssl).toBe(false);
    },
  );

  test('requires at least one address', () => {
    const flags = [flag('addresses', 'management_ip', ',')];
    expect(() => loadConfig({ root, flags })).toThrow('management_ip names no address');
  });
});

test('formatConfig writes a file that loads as the same configuration', () => {
  const flags = [flag('rpc', 'allowed_hosts', 'a.example,b'), flag('memory', 'autodeflate', 'no')];
  for (const config of [loadConfig({ root }), loadConfig({ root, flags })]) {
    const files = [write('again.conf', formatConfig(config))];
    expect(loadConfig({ root, files })).toEqual(config);
    expect(formatConfig(config)).not.toMatch(/ $/m);
  }
});

test.each(
  Object.entries(configuration).flatMap(([section, keys]) =>
    Object.entries(keys).map(([key, schema]) => [section, key, schema as Key] as const),
  ),
)(
  'the default of [%s] %s is a valid setting, and its valid values are described',
  (section, key, schema) => {
    const value = String(schema.default);
    expect(readSetting(flag(section, key, value))).toEqual(schema.default);
    expect(expectation(schema)).toMatch(/^(a |some |true|one of |auto)/);
  },
);

function catching(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
