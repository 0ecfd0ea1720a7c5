import { isLoopback } from '../../common/loopback.ts';
import { Tls, type TlsOptions } from './tls.ts';

export interface OfferOptions extends TlsOptions {
  /** Whether TLS is enabled. */
  readonly ssl: boolean;
  /** The addresses that the service will listen on. */
  readonly addresses: readonly string[];
}

/**
 * Opens TLS if it is enabled and there are certificates. Otherwise logs that connections are not encrypted, or throws if
 * the service listens for other machines.
 */
export async function offerTls({
  ssl,
  addresses,
  ...options
}: OfferOptions): Promise<Tls | undefined> {
  const { folder, log } = options;
  if (!ssl) {
    log.info('connections are not encrypted: [vars] ssl is off');
    return undefined;
  }
  const tls = await Tls.open(options);
  if (tls) return tls;
  const open = addresses.find((address) => !isLoopback(address));
  if (open !== undefined) {
    throw new Error(
      `${open} is served with TLS only, and there are no certificates in ${folder}: put them there, ` +
        'name their folder in [vars] pki_path, or make some to try with vmemd pki --init.',
    );
  }
  log.info(`connections are not encrypted: there are no certificates in ${folder}`);
  return undefined;
}
