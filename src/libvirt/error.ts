import { errorCode, errorDomain, errorLevel } from './errorNumbers.ts';

/** An error of libvirt, with its message and numbers (virErrorNumber, virErrorDomain, virErrorLevel). */
export class LibvirtError extends Error {
  override readonly name: string = 'LibvirtError';
  readonly code: number;
  readonly domain: number;
  readonly level: number;

  constructor(
    message: string,
    facts: { readonly code: number; readonly domain: number; readonly level?: number },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = facts.code;
    this.domain = facts.domain;
    this.level = facts.level ?? errorLevel.error;
  }
}

/** There is no connection to the daemon, or it was lost before the reply. */
export class UnreachableError extends LibvirtError {
  override readonly name = 'UnreachableError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, { code: errorCode.rpc, domain: errorDomain.rpc }, options);
  }
}

/** The reply did not come in time; the daemon may still carry out the call. */
export class DeadlineError extends LibvirtError {
  override readonly name = 'DeadlineError';

  constructor(message: string) {
    super(message, { code: errorCode.operationTimeout, domain: errorDomain.rpc });
  }
}

/** How many hung guests an error names. */
const NAMES = 10;

/** The call was not sent: guests that do not answer hold all places that its guest could have. */
export class StuckError extends LibvirtError {
  override readonly name = 'StuckError';

  constructor(names: readonly string[]) {
    const named = names.slice(0, NAMES).join(', ');
    const more = names.length > NAMES ? ` and ${String(names.length - NAMES)} more` : '';
    super(
      `Guests do not answer (${named}${more}), and further calls could block libvirt for everybody; destroy or resume one of them, or try again later.`,
      { code: errorCode.resourceBusy, domain: errorDomain.rpc },
    );
  }
}
