import { version } from '../common/version.ts';
import { type Page, plain } from '../server/http/page.ts';
import { MEDIA_TYPE, metrics, type MetricsParts } from '../telemetry/metrics.ts';

export interface PagesOptions extends Omit<
  MetricsParts,
  'version' | 'certificateExpiry' | 'droppedLines'
> {
  /** Returns when the certificate shown to clients expires; undefined without TLS. */
  readonly certificateExpiry: () => Promise<Date | undefined>;
  /** Returns how many lines of the log could not be written. */
  readonly droppedLines: () => number;
  /** Returns why the hypervisor or its VMs are out of reach; undefined if they are not. */
  readonly problem: () => string | undefined;
}

/** The GET pages of the service, by path. */
export const createPages = (options: PagesOptions): Record<string, () => Page | Promise<Page>> => ({
  '/healthz': () => health(options),
  '/metrics': async () => {
    const certificateExpiry = await options.certificateExpiry();
    const droppedLines = options.droppedLines();
    const body = await metrics({ ...options, version: version(), certificateExpiry, droppedLines });
    return { status: 200, type: MEDIA_TYPE, body };
  },
});

function health({ hypervisor, problem }: PagesOptions): Page {
  const { description, isReal } = hypervisor;
  const reason = problem();
  if (reason !== undefined) return plain(503, reason);
  return plain(200, `serving ${description}${isReal ? '' : ', whose VMs are not real'}`);
}
