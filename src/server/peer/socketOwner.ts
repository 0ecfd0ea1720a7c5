import { endianness } from 'node:os';

/** The two ends of a connection, as one of them sees it. */
export interface Ends {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/**
 * Returns the id of the user who owns that end of a connection, by the kernel's table of TCP sockets (/proc/net/tcp or
 * tcp6). Undefined if the socket is not in the table, or is closed and belongs to no process any more.
 */
export function ownerIn(table: string, ends: Ends): number | undefined {
  const local = place(ends.localAddress, ends.localPort);
  const remote = place(ends.remoteAddress, ends.remotePort);
  if (local === undefined || remote === undefined) return undefined;
  const at = table.indexOf(` ${local} ${remote} `);
  if (at < 0) return undefined;
  const [, , , , , , uid, , inode] = table.slice(at + 1, table.indexOf('\n', at)).split(/\s+/);
  return inode === undefined || inode === '0' ? undefined : Number(uid);
}

/** An address and port as in the table: words of 32 bits in the machine's order, in hexadecimal. */
function place(address: string, port: number): string | undefined {
  const bytes = address.includes(':') ? bytesOfV6(address) : bytesOfV4(address);
  if (!bytes) return undefined;
  const hex = Buffer.from(bytes);
  if (endianness() === 'LE') hex.swap32();
  return `${hex.toString('hex')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

const bytesOfV4 = (address: string): readonly number[] | undefined => {
  const bytes = address.split('.').map(Number);
  return bytes.length === 4 && bytes.every((byte) => byte >= 0 && byte <= 255) ? bytes : undefined;
};

/** Of an address as the kernel writes it: with at most one `::`, and an IPv4 address at most at the end. */
function bytesOfV6(address: string): readonly number[] | undefined {
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
  const [first, last] = [groupsOf(head), groupsOf(tail ?? '')];
  const missing = 8 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const groups = [...first, ...Array<number>(missing).fill(0), ...last];
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
}

const groupsOf = (text: string): readonly number[] =>
  text === '' ?
    []
  : text.split(':').flatMap((group) => {
      if (!group.includes('.')) return Number.parseInt(group, 16);
      const [a = 0, b = 0, c = 0, d = 0] = bytesOfV4(group) ?? [];
      return [a * 256 + b, c * 256 + d];
    });
