import { quoted } from './quote.ts';
import { reach, type ReachOptions } from './reach.ts';

/** What a person needs to know to begin. */
export interface Running {
  /** As `127.0.0.1:54321` or `[::1]:54321`. */
  readonly addresses: readonly string[];
  /** Which hypervisor is served: "libvirt at qemu:///system" or "a simulated host". */
  readonly connection: string;
}

const ID = '00000000-0000-4000-8000-000000000001';

const memory = {
  vmName: 'first',
  memSize: 1024,
  memGuaranteedSize: 512,
  maxMemSize: 4096,
  maxMemSlots: 16,
};

export interface HintOptions extends ReachOptions {
  /** The folder of certificates. */
  readonly pki: string;
}

/** Where the service is and requests to try, each a line to paste into another terminal. */
export function hints({ addresses, connection }: Running, options: HintOptions): string {
  const { plain, encrypted } = reach(addresses, options);
  const ways = [plain, encrypted].filter((url) => url !== undefined);
  const usual = plain === undefined ? secured(encrypted ?? '', options.pki) : quoted(plain);
  const tries: [words: string, line: string][] = [
    ['See which VMs there are', wscat(usual, 'Host.getVMList')],
    ['Make one', wscat(usual, 'VM.create', { vmID: ID, vmParams: memory })],
    ['See what its balloon does', wscat(usual, 'VM.getBalloonInfo', { vmID: ID })],
    [
      'Leave it 768 MiB (in KiB)',
      wscat(usual, 'VM.setBalloonTarget', { vmID: ID, target: 786432 }),
    ],
    ['See all that can be asked', wscat(usual, 'rpc.discover')],
  ];
  if (plain !== undefined && encrypted !== undefined) {
    const line = wscat(secured(encrypted, options.pki), 'Host.getVMList');
    tries.push(['From other machines, with certificates', line]);
  }
  const lines = tries.map(([words, line]) => `  ${words}:\n${line}`);
  return `vmemd serves ${connection} on ${ways.join(' and ')}; Ctrl-C ends it.
Try, from this folder in another terminal:

${lines.join('')}
`;
}

function wscat(where: string, method: string, params?: object): string {
  const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return `    npx wscat -c ${where} -w 1 -x '${request}'\n`;
}

/** A URL with the options that show wscat's certificate and check the host's. */
function secured(url: string, pki: string): string {
  const file = (name: string): string => quoted(`${pki}/${name}`);
  const [ca, cert, key] = ['certs/cacert.pem', 'certs/vdsmcert.pem', 'keys/vdsmkey.pem'].map(file);
  return `${quoted(url)} --ca ${ca} --cert ${cert} --key ${key}`;
}
