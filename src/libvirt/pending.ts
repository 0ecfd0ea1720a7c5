import type { CallOptions } from './caller.ts';
import type { Codec } from './codec.ts';
import { errorCode, errorDomain } from './errorNumbers.ts';
import { DeadlineError, LibvirtError } from './error.ts';
import { messageStatus, PROGRAM_VERSION, type Packet } from './packet.ts';
import type { Procedure } from './procedures.ts';
import { remoteError } from './protocol.ts';
import type { Timers } from './timers.ts';
import { XdrError, XdrReader } from './xdr.ts';

/** A call without a reply yet. */
export interface Pending {
  /** Completes the call with its reply; has no effect after a timeout or abort. */
  answer(packet: Packet): void;
  fail(error: unknown): void;
}

interface Settle<R> {
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
  /** Called when the caller's time limit or signal ends the call before its reply. */
  readonly giveUp: () => void;
}

function decode<T>(codec: Codec<T>, packet: Packet): T {
  const reader = new XdrReader(packet.payload);
  const value = codec.read(reader);
  if (packet.status === messageStatus.ok && reader.remaining > 0) {
    throw new XdrError(`${reader.remaining} bytes are left over.`);
  }
  return value;
}

function result<A, R>(procedure: Procedure<A, R>, packet: Packet): R {
  if (packet.procedure !== procedure.number || packet.version !== PROGRAM_VERSION) {
    throw new XdrError(`It belongs to procedure ${packet.procedure}, version ${packet.version}.`);
  }
  if (packet.status === messageStatus.ok) return decode(procedure.result, packet);
  if (packet.status !== messageStatus.error) throw new XdrError(`Its status is ${packet.status}.`);
  const { code, domain, level, message } = decode(remoteError, packet);
  throw new LibvirtError(message ?? `${procedure.name} failed without a message.`, {
    code,
    domain,
    level,
  });
}

/** Completes one call with its reply, its deadline or its abort signal, whichever comes first. */
export function pend<A, R>(
  procedure: Procedure<A, R>,
  { timeout, signal, timers }: CallOptions & { timeout: number; timers: Timers },
  { resolve, reject, giveUp }: Settle<R>,
): Pending {
  const settle = (): void => {
    cancel();
    signal?.removeEventListener('abort', onAbort);
  };
  const leave = (reason: unknown): void => {
    settle();
    reject(reason);
    giveUp();
  };
  const onAbort = (): void => {
    leave(signal?.reason);
  };
  const cancel = timers.after(timeout, () => {
    leave(new DeadlineError(`libvirt did not answer ${procedure.name} in ${timeout} ms.`));
  });
  signal?.addEventListener('abort', onAbort);
  return {
    answer(packet) {
      settle();
      try {
        resolve(result(procedure, packet));
      } catch (error) {
        reject(error instanceof LibvirtError ? error : undecodable(procedure.name, error));
      }
    },
    fail(error) {
      settle();
      reject(error);
    },
  };
}

function undecodable(procedure: string, cause: unknown): LibvirtError {
  const message = `The reply to ${procedure} cannot be understood: ${String(cause)}`;
  const facts = { code: errorCode.rpc, domain: errorDomain.rpc };
  return new LibvirtError(message, facts, { cause });
}
