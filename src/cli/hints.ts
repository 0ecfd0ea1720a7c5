import { quoted } from '../common/quote.ts';
import { reach, type ReachOptions } from './reach.ts';

/** A running service, as the hints describe it. */
export interface Running {
  /** `127.0.0.1:54321`, `[::1]:54321`. */
  readonly addresses: readonly string[];
  /** The hypervisor: "libvirt at qemu:///system" or "a simulated host". */
  readonly connection: string;
}

const ID = '00000000-0000-4000-8000-000000000001';

/** A VM to create; `prepare` makes the files that it boots. */
interface Example {
  readonly prepare?: string;
  readonly vmParams: Readonly<Record<string, string | number>>;
}

const SIMULATED: Example = {
  vmParams: {
    vmName: 'first',
    memSize: 1024,
    memGuaranteedSize: 512,
    maxMemSize: 4096,
    maxMemSlots: 16,
  },
};

const GUEST = '/var/tmp/guest';

const BOOTED: Example = {
  prepare: `    sh lab/guest.sh ${GUEST}\n`,
  vmParams: {
    ...SIMULATED.vmParams,
    kernel: `${GUEST}/vmlinuz`,
    initrd: `${GUEST}/initramfs.gz`,
    kernelArgs: 'console=ttyS0',
  },
};

export interface HintOptions extends ReachOptions {
  /** The folder of certificates. */
  readonly pki: string;
}

/** Returns the service's URLs and requests to try, each a line to paste into another terminal. */
export function hints({ addresses, connection }: Running, options: HintOptions): string {
  const { plain, encrypted } = reach(addresses, options);
  const ways = [plain, encrypted].filter((url) => url !== undefined);
  const usual = plain === undefined ? secured(encrypted ?? '', options.pki) : quoted(plain);
  const { prepare, vmParams } = connection.startsWith('libvirt') ? BOOTED : SIMULATED;
  const tries: [words: string, line: string][] = [
    ['See which VMs there are', wscat(usual, 'Host.getVMList')],
    ...(prepare === undefined ?
      []
    : [['Make what a guest boots from', prepare] as [string, string]]),
    ['Make one', wscat(usual, 'VM.create', { vmID: ID, vmParams })],
    [
      'Once it has booted, grow it to 1280 MiB',
      wscat(usual, 'VM.setMemory', { vmID: ID, memory: 1280 }),
    ],
    ['See what became of that', wscat(usual, 'VM.getMemoryJob', { vmID: ID })],
    [
      'Leave it 768 MiB (in KiB) by its balloon',
      wscat(usual, 'VM.setBalloonTarget', { vmID: ID, target: 786432 }),
    ],
  ];
  if (plain !== undefined && encrypted !== undefined) {
    const line = wscat(secured(encrypted, options.pki), 'Host.getVMList');
    tries.push(['From other machines, with certificates', line]);
  }
  const lines = tries.map(([words, line]) => `  ${words}:\n${line}`);
  return `vmemd serves ${connection} on ${ways.join(' and ')}; Ctrl-C ends it.
Try, from this folder in another terminal:

${lines.join('')}
README.md describes all requests.
`;
}

function wscat(where: string, method: string, params?: object): string {
  const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return `    npx wscat -c ${where} -w 1 -x '${request}'\n`;
}

/** Returns a URL with wscat's options for the client's certificate and the CA. */
function secured(url: string, pki: string): string {
  const file = (name: string): string => quoted(`${pki}/${name}`);
  const [ca, cert, key] = ['certs/cacert.pem', 'certs/vdsmcert.pem', 'keys/vdsmkey.pem'].map(file);
  return `${quoted(url)} --ca ${ca} --cert ${cert} --key ${key}`;
}
