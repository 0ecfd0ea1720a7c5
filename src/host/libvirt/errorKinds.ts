import { messageOf } from '../../common/messageOf.ts';
import { DomainXmlError } from '../../domain-xml/types.ts';
import {
  DeadlineError,
  errorCode,
  LibvirtError,
  UnreachableError,
  XdrError,
} from '../../libvirt/index.ts';
import { HypervisorError, type CallOptions, type HypervisorErrorKind } from '../hypervisor.ts';

const kindsByCode: ReadonlyMap<number, HypervisorErrorKind> = new Map<number, HypervisorErrorKind>([
  [errorCode.noDomain, 'no-domain'],
  [errorCode.domExist, 'exists'],
  [errorCode.invalidArg, 'invalid'],
  [errorCode.osType, 'invalid'],
  [errorCode.noName, 'invalid'],
  [errorCode.noOs, 'invalid'],
  [errorCode.xmlError, 'invalid'],
  [errorCode.xmlDetail, 'invalid'],
  [errorCode.configUnsupported, 'invalid'],
  [errorCode.overflow, 'invalid'],
  [errorCode.xmlInvalidSchema, 'invalid'],
  [errorCode.noSupport, 'unsupported'],
  [errorCode.argumentUnsupported, 'unsupported'],
  [errorCode.operationUnsupported, 'unsupported'],
  [errorCode.operationInvalid, 'refused'],
  [errorCode.operationDenied, 'refused'],
  [errorCode.resourceBusy, 'refused'],
  [errorCode.deviceMissing, 'refused'],
  [errorCode.operationTimeout, 'timed-out'],
  [errorCode.noConnect, 'unreachable'],
  [errorCode.authFailed, 'unreachable'],
]);

// libvirt has one code for every failed operation; only the message tells these cases apart. libvirt's daemons run with
// LC_MESSAGES=C; another language only makes the kind less precise.
const kindsByMessage: readonly (readonly [number, RegExp, HypervisorErrorKind])[] = [
  [errorCode.internalError, /no memory balloon device/i, 'unsupported'],
  [errorCode.internalError, /no device found with alias/i, 'refused'],
  [errorCode.internalError, /memory devices cannot be unplugged/i, 'unsupported'],
  [errorCode.operationFailed, /unplug of device was rejected/i, 'refused'],
  [errorCode.operationFailed, /domain .*already (?:exists|defined)/i, 'exists'],
  [errorCode.operationInvalid, /domain .*already (?:exists|active)/i, 'exists'],
  [errorCode.operationFailed, /domain is not running/i, 'refused'],
];

function kindOf(error: LibvirtError): HypervisorErrorKind {
  if (error instanceof UnreachableError) return 'unreachable';
  if (error instanceof DeadlineError) return 'timed-out';
  const known = kindsByMessage.find(
    ([code, text]) => code === error.code && text.test(error.message),
  );
  return known?.[2] ?? kindsByCode.get(error.code) ?? 'failed';
}

/** Converts an error of a libvirt call. */
export function toHypervisorError(error: unknown, signal?: AbortSignal): HypervisorError {
  if (error instanceof HypervisorError) return error;
  if (error instanceof LibvirtError) {
    return new HypervisorError(kindOf(error), error.message, { cause: error });
  }
  if (signal?.aborted) {
    return new HypervisorError('timed-out', 'The call to libvirt was aborted.', { cause: error });
  }
  const isInput = error instanceof XdrError || error instanceof DomainXmlError;
  return new HypervisorError(isInput ? 'invalid' : 'failed', messageOf(error), { cause: error });
}

/** Runs `work` and throws its errors as {@link HypervisorError}. */
export async function convertErrors<T>(
  options: CallOptions | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toHypervisorError(error, options?.signal);
  }
}
