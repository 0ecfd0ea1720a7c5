import { isLoopback } from '../../common/loopback.ts';
import { Tls, type TlsOptions } from './tls.ts';

export interface OfferOptions extends TlsOptions {
  /** Whether TLS is wanted at all. */
  readonly ssl: boolean;
  /** Where the service will listen. */
  readonly addresses: readonly string[];
}

/** TLS where it is wanted and there are certificates; throws where it is needed, and says so where it is missed. */
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
