import { configuration } from '../../schema/config.ts';
import { usage } from '../../src/cli/options.ts';
import { expectation, type Key } from '../../src/config/value.ts';
import { filled, paragraph, roff, type Term, term } from './roff.ts';

/** Returns the manual page of the daemon, in the macros of man(7). */
export function daemonPage(version: string): string {
  const [synopsis = '', description = '', options = '', status = ''] = usage.split('\n\n');
  return `${[
    `.TH VMEMD 8 "" "vmemd ${version}" "System Administration"`,
    '.SH NAME\nvmemd \\- memory agent of a KVM host',
    `.SH SYNOPSIS\n.nf\n${synopsis
      .replace(/^Usage: /, '')
      .split('\n')
      .map(commandLine)
      .join('\n')}\n.fi`,
    `.SH DESCRIPTION\n${[description.trim(), ...DESCRIPTION].map(paragraph).join('\n.PP\n')}`,
    `.SH OPTIONS\n${termsOf(options).map(term).join('\n')}`,
    `.SH EXIT STATUS\n${filled(status.replace(/^Exit status: /, '').trim())}`,
    `.SH SIGNALS\n${SIGNALS.map(term).join('\n')}`,
    `.SH CONFIGURATION\n${CONFIGURATION.map(paragraph).join('\n.PP\n')}`,
    ...Object.entries(sections).map(([section, keys]) => settings(section, keys)),
    `.SH ENVIRONMENT\n${ENVIRONMENT.map(term).join('\n')}`,
    `.SH FILES\n${FILES.map(term).join('\n')}`,
    '.SH SEE ALSO\n.BR vmemctl (1),\n.BR virsh (1),\n.BR systemctl (1)',
  ].join('\n')}\n`;
}

const sections: Readonly<Record<string, Readonly<Record<string, Key>>>> = configuration;

const DESCRIPTION = [
  'vmemd connects to libvirt, and serves oVirt’s host API as JSON-RPC over STOMP and WebSocket, REST, metrics for Prometheus and a page for browsers, all on one port. What is to be done to a VM’s memory is kept in its metadata: stopping or restarting vmemd changes no VM.',
];

const SIGNALS: readonly Term[] = [
  [
    'SIGTERM, SIGINT',
    'end after the requests that run, each VM being left as it is; a second one ends at once',
  ],
  ['SIGHUP', 'read the certificates again; connections stay'],
];

const CONFIGURATION = [
  'Settings stand in sections, as "key = value" below "[section]". They are read from /etc/vmemd/vmemd.conf, then from the files *.conf in vmemd.conf.d of /usr/lib/vmemd, /run/vmemd and /etc/vmemd in the order of their names, then from each --config, from variables and from options; the last one wins. vmemd --check-config prints what is used. A change needs a restart.',
];

const ENVIRONMENT: readonly Term[] = [
  ['VMEMD_SECTION_KEY', 'a setting, such as VMEMD_LOGGING_LEVEL=debug'],
  [
    'NOTIFY_SOCKET, WATCHDOG_USEC',
    'set by systemd, which is told that vmemd is ready, what it does, and that it is alive',
  ],
];

const FILES: readonly Term[] = [
  ['/etc/vmemd/vmemd.conf', 'the configuration'],
  ['/run/vmemd/vmemd.sock', 'the unix socket, to which vmemctl connects'],
  ['/var/lib/vmemd', 'reservations, and what clients have set of the policy'],
  ['/etc/pki/vdsm', 'key, certificate and CA for TLS'],
];

/** Returns the options of a help text, in which a description stands in a column of its own. */
function termsOf(text: string): readonly Term[] {
  const terms: [string, string][] = [];
  for (const line of text.split('\n')) {
    const [, name, words = ''] = /^ {2}(\S.*?)(?: {2,}(.*))?$/.exec(line) ?? [];
    const last = terms.at(-1);
    if (name !== undefined) terms.push([name, words]);
    else if (last) last[1] = `${last[1]} ${line.trim()}`.trim();
  }
  return terms;
}

const commandLine = (line: string): string => `.B ${roff(line.trim())}`;

function settings(section: string, keys: Readonly<Record<string, Key>>): string {
  const terms = Object.entries(keys).map(([key, schema]): Term => {
    const value = [schema.default].flat().join(', ');
    return [
      `${key}${value === '' ? '' : ` = ${value}`}`,
      `${schema.description} (${expectation(schema)})`,
    ];
  });
  return `.SS [${roff(section)}]\n${terms.map(term).join('\n')}`;
}
