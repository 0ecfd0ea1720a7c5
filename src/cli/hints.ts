import { quoted } from '../common/quote.ts';
import { reach, type ReachOptions } from './reach.ts';

/** A running service, as the hints describe it. */
export interface Running {
  /** `127.0.0.1:54321`, `[::1]:54321`. */
  readonly addresses: readonly string[];
  /** The hypervisor: "libvirt at qemu:///system" or "a simulated host". */
  readonly connection: string;
}

/** The folder of a guest that libvirt can boot. */
const GUEST = '/var/tmp/guest';

export interface HintOptions extends ReachOptions {
  /** The folder of certificates. */
  readonly pki: string;
  /** Whether there is a socket at vmemctl's usual place, which a daemon on libvirt serves. */
  readonly hasUsualSocket: boolean;
}

/** Returns the service's URLs and commands to try, each a line to paste into another terminal. */
export function hints({ addresses, connection }: Running, options: HintOptions): string {
  const { plain, encrypted } = reach(addresses, options);
  const ways = [plain, encrypted].filter((url) => url !== undefined);
  const others = encrypted === undefined ? '' : secured(encrypted, options.pki);
  const isReal = connection.startsWith('libvirt');
  const isUsual = isReal || !options.hasUsualSocket;
  const usual = plain === undefined ? others : hostOption(plain, isUsual);
  const tries: (readonly [words: string, ...command: readonly string[]])[] = [
    ['See the host and its VMs', './vmemctl', usual],
    ...(isReal ? [['Make what a guest boots from', `sh lab/guest.sh ${GUEST}`] as const] : []),
    ['Make a VM', './vmemctl', usual, isReal ? BOOTED : SIMULATED],
    ['Grow it', './vmemctl', usual, 'set first --memory 1280M --wait'],
    ['Leave it less by its balloon', './vmemctl', usual, 'balloon first 768M --wait'],
  ];
  if (plain !== undefined && encrypted !== undefined) {
    tries.push(['From other machines, with certificates', './vmemctl', others, 'list']);
  }
  const lines = tries.map(
    ([words, ...command]) => `  ${words}:\n    ${command.filter(Boolean).join(' ')}\n`,
  );
  if (plain !== undefined) {
    lines.push(`  See it in a browser:\n    ${plain.replace(/^ws/, 'http')}\n`);
  }
  return `vmemd serves ${connection} on ${ways.join(' and ')}; Ctrl-C ends it.
Try, from this folder in another terminal:

${lines.join('')}
./vmemctl --help lists all commands; docs/README.md has a page for each task.
`;
}

const SIMULATED = 'create first --memory 1G --max 4G --guaranteed 512M --wait';
const BOOTED = `create first --memory 1G --max 4G --guaranteed 512M --kernel ${GUEST}/vmlinuz --initrd ${GUEST}/initramfs.gz --args console=ttyS0 --wait`;

/** Returns nothing for the address that vmemctl connects to by itself, unless it would find another daemon first. */
const hostOption = (url: string, isUsual: boolean): string =>
  isUsual && url === 'ws://localhost:54321' ? '' : `--host ${quoted(url)}`;

/** Returns the options for a URL with TLS, with the certificates in this folder. */
const secured = (url: string, pki: string): string => `--host ${quoted(url)} --pki ${quoted(pki)}`;
