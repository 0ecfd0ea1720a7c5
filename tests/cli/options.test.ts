import { describe, expect, test } from '@jest/globals';
import { parseOptions, pkiUsage, usage, UsageError } from '../../src/cli/options.ts';

describe('parseOptions', () => {
  test('returns defaults for no arguments', () => {
    expect(parseOptions([])).toEqual({
      version: false,
      checkConfig: false,
      hints: false,
      insecureListen: false,
      files: [],
      settings: [],
      defaults: [],
    });
  });

  test('reads every option', () => {
    const argv = '--connect simulated --config a --config=b --check-config --hints -h -V';
    expect(parseOptions(argv.split(' '))).toEqual({
      help: usage,
      version: true,
      checkConfig: true,
      hints: true,
      insecureListen: false,
      files: ['a', 'b'],
      settings: [{ origin: '--connect', section: 'libvirt', key: 'uri', value: 'simulated' }],
      defaults: [],
    });
  });

  test('reads the TLS options', () => {
    const { settings, insecureListen } = parseOptions(['--pki', '/p', '--insecure-listen']);
    expect(settings).toEqual([{ origin: '--pki', section: 'vars', key: 'pki_path', value: '/p' }]);
    expect(insecureListen).toBe(true);
    const argv = ['--hints', 'pki', '--init', 'd', '--host', 'a', '--host', 'b'];
    expect(parseOptions(argv).pki).toEqual({ folder: 'd', hosts: ['a', 'b'] });
  });

  test.each(['pki --help', '--hints pki -h', '--help pki --init d'])(
    '"%s" returns the help of pki and creates nothing',
    (argv) => {
      const { help, pki } = parseOptions(argv.split(' '));
      expect({ help, pki }).toEqual({ help: pkiUsage, pki: undefined });
    },
  );

  test.each([
    ['localhost:54321', 'localhost', '54321'],
    ['127.0.0.1:0', '127.0.0.1', '0'],
    ['[::1]:54399', '::1', '54399'],
  ])('splits --listen %s into address and port', (listen, ip, port) => {
    expect(parseOptions(['--listen', listen]).settings).toMatchObject([
      { origin: '--listen', section: 'addresses', key: 'management_ip', value: ip },
      { origin: '--listen', section: 'addresses', key: 'management_port', value: port },
    ]);
  });

  test('puts several --listen together, with a port for each that differs from the first', () => {
    const argv = [
      '--listen',
      'localhost:1',
      '--listen',
      '192.0.2.1:1',
      '--listen',
      '[2001:db8::1]:2',
    ];
    expect(parseOptions(argv).settings).toMatchObject([
      { key: 'management_ip', value: 'localhost, 192.0.2.1, [2001:db8::1]:2' },
      { key: 'management_port', value: '1' },
    ]);
  });

  test('keeps the default connection apart, so that the configuration wins over it', () => {
    const { settings, defaults } = parseOptions(['--default-connect', 'auto']);
    expect(settings).toEqual([]);
    expect(defaults).toMatchObject([{ section: 'libvirt', key: 'uri', value: 'auto' }]);
  });

  test.each([
    [['--connect', 'auto', '--connect', 'simulated'], '--connect is given twice; give it once.'],
    [
      ['--listen', 'localhost:1', '--listen', 'b:99999'],
      'must be a list of host names or addresses',
    ],
    [['--listen', '54321'], '--listen must be ADDR:PORT'],
    [['--listen', '::1:54321'], '--listen must be ADDR:PORT'],
    [['--listen', 'localhost:99999'], 'management_port must be a whole number from 0 to 65535'],
    [['--listen', '[foo bar]:1'], 'management_ip must be a list of host names or addresses'],
    [['--connect', 'bogus'], '--connect: [libvirt] uri must be auto, simulated or a libvirt URI'],
    [['--connect', ''], '--connect needs a value; see --help.'],
    [['--config='], '--config needs a value; see --help.'],
    [['--lisetn', 'x'], 'There is no option --lisetn; see --help.'],
    [['-x'], 'There is no option -x; see --help.'],
    [['--connect'], '--connect needs a value; see --help.'],
    [['--connect', '--hints'], '--connect needs a value; see --help.'],
    [['--hints=yes'], '--hints takes no value; see --help.'],
    [['--', 'x'], 'There is no argument "x"; see --help.'],
    [['pki'], 'vmemd pki --init FOLDER'],
    [['pki', 'x', '--init', 'd'], 'There is no argument "x"'],
    [['pki', '--init', 'd', '--host', 'a b'], '"a b" is neither a host name nor an address.'],
    [['--host', 'x'], '--init and --host belong to "vmemd pki"'],
    [['start'], 'There is no argument "start"; see --help.'],
  ])('refuses %j and says what to do', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });

  test('accepts a value with a leading dash after an equals sign', () => {
    expect(parseOptions(['--config=-x']).files).toEqual(['-x']);
  });

  test.each(['a b', 'a\n[extensions]', 'a,DNS:b', '1.2.3.4/8'])('%j is not a host name', (host) => {
    expect(() => parseOptions(['pki', '--init', 'd', '--host', host])).toThrow(UsageError);
  });
});
