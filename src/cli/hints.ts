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

/**
 * Where the service is and requests to try, each a line to paste into another terminal; `pki` is the folder of
 * certificates for where there is nothing without TLS.
 */
export function hints({ addresses, connection }: Running, pki?: string): string {
  const port = addresses[0]?.split(':').at(-1) ?? '';
  const place = addresses.length > 1 && pki === undefined ? `localhost:${port}` : addresses[0];
  const url = `${pki === undefined ? 'ws' : 'wss'}://${String(place)}`;
  const certificates =
    pki === undefined ? '' : (
      ` --ca ${pki}/certs/cacert.pem --cert ${pki}/certs/vdsmcert.pem --key ${pki}/keys/vdsmkey.pem`
    );
  const wscat = (method: string, params?: object): string => {
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return `    npx wscat -c ${url}${certificates} -w 1 -x '${request}'\n`;
  };
  const tries: [words: string, line: string][] = [
    ['See which VMs there are', wscat('Host.getVMList')],
    ['Make one', wscat('VM.create', { vmID: ID, vmParams: memory })],
    ['See what its balloon does', wscat('VM.getBalloonInfo', { vmID: ID })],
    ['Leave it 768 MiB (in KiB)', wscat('VM.setBalloonTarget', { vmID: ID, target: 786432 })],
    ['See all that can be asked', wscat('rpc.discover')],
  ];
  const lines = tries.map(([words, line]) => `  ${words}:\n${line}`);
  return `vmemd serves ${connection} on ${url}; Ctrl-C ends it.
Try, from this folder in another terminal:

${lines.join('')}
`;
}
