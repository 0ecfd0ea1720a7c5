import { procedures } from '../../src/libvirt/procedures.ts';
import { messageType, PacketReader, REMOTE_PROGRAM } from '../../src/libvirt/packet.ts';
import { honest, type Meddler, Proxy } from '../../tests/fault/wire/proxy.ts';

/** One answered call to libvirt. */
export interface AnsweredCall {
  readonly procedure: string;
  /** When vmemd got the reply, of performance.now(). */
  readonly at: number;
}

/**
 * How long each reply is held back, in milliseconds: a request that waits for it is answered after it, however slow this
 * machine is, and what follows the request's own answer is seen to follow it.
 */
const HELD = 25;

/** The calls of a daemon that reaches libvirtd through a proxy. */
export interface Wire {
  /** The socket of the proxy. */
  readonly socket: string;
  /** Forgets the calls so far. */
  readonly forget: () => void;
  readonly answered: () => readonly AnsweredCall[];
  readonly stop: () => Promise<void>;
}

/** Listens at `path` for clients of the libvirtd at `socket`, and notes its replies. */
export async function watchWire(path: string, socket: string): Promise<Wire> {
  const names = new Map(Object.values(procedures).map(({ number, name }) => [number, name]));
  let calls: AnsweredCall[] = [];
  const proxy = await Proxy.start(path, socket);
  const noting = (): Meddler => {
    const reader = new PacketReader();
    return (bytes) => {
      for (const { program, type, procedure } of reader.push(bytes)) {
        if (program !== REMOTE_PROGRAM || type !== messageType.reply) continue;
        const name = names.get(procedure) ?? String(procedure);
        calls.push({ procedure: name, at: performance.now() + HELD });
      }
      return [{ bytes, delay: HELD }];
    };
  };
  proxy.meddling = () => ({
    toDaemon: honest,
    toClient: noting(),
  });
  return {
    socket: path,
    forget: () => {
      calls = [];
    },
    answered: () => calls,
    stop: () => proxy.stop(),
  };
}
