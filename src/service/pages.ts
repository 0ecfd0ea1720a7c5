import { version } from '../common/version.ts';
import type { Hypervisor } from '../host/hypervisor.ts';
import { type Page, plain } from '../server/http/http.ts';
import { MEDIA_TYPE, metrics, type MetricsParts } from '../telemetry/metrics.ts';

export interface PagesOptions extends Omit<MetricsParts, 'version' | 'certificateExpiry'> {
  /** Returns when the certificate shown to clients expires; undefined without TLS. */
  readonly certificateExpiry: () => Promise<Date | undefined>;
}

/** The GET pages of the service, by path. */
export const createPages = (options: PagesOptions): Record<string, () => Page | Promise<Page>> => ({
  '/healthz': () => health(options.hypervisor),
  '/metrics': async () => {
    const certificateExpiry = await options.certificateExpiry();
    const body = await metrics({ ...options, version: version(), certificateExpiry });
    return { status: 200, type: MEDIA_TYPE, body };
  },
});

const health = ({ isConnected, description }: Hypervisor): Page =>
  isConnected ? plain(200, `serving ${description}`) : plain(503, `${description} is out of reach`);
