import { VdsmError } from '../../common/errors.ts';
import { messageOf } from '../../common/messageOf.ts';

/** Prometheus, which keeps longer than the last hour what it reads from vmemd. */
export interface PrometheusOptions {
  /** As `http://localhost:9090`. */
  readonly url: string;
  /** Label matchers that select the series of this host among others, as `instance="kvm1:54321"`. */
  readonly selector: string;
}

/** Series by column: the value of each step, null where there is none. */
type Columns<N extends string> = Readonly<Record<N, (number | null)[]>>;

/** How long Prometheus may take to answer one query, and the bytes that an answer may have. */
const PATIENCE_MS = 5000;
const MOST_BYTES = 1_000_000;
/** Values of one column at most: more than a screen has pixels. */
const MOST_VALUES = 500;

const KIB = 1024;
/** The metrics of a host's columns; `{}` stands for the selector. Sizes are bytes. */
const HOST_QUERIES = {
  used_by_guests_kib: 'sum(libvirt_domain_memory_stats_rss_bytes{})',
  balloons_held_kib: 'sum(vmemd_vm_balloon_held_bytes{})',
  free_kib: 'sum(vmemd_host_memory_free_bytes{})',
  available_kib: 'sum(vmemd_host_memory_available_bytes{})',
  promised_kib: 'sum(vmemd_vm_guaranteed_bytes{})',
  swap_used_kib: 'sum(vmemd_host_swap_bytes{}) - sum(vmemd_host_swap_free_bytes{})',
  stall_percent: '100 * sum(vmemd_host_memory_pressure_ratio{})',
} as const;

const VM_QUERIES = {
  used_kib: 'max(vmemd_vm_used_bytes{})',
  current_kib: 'max(libvirt_domain_memory_stats_actual_balloon_bytes{})',
  target_kib: 'max(vmemd_vm_balloon_target_bytes{})',
  guaranteed_kib: 'max(vmemd_vm_guaranteed_bytes{})',
  maximum_kib: 'max(vmemd_vm_memory_bytes{})',
  swap_in_kib_s: 'max(rate(libvirt_domain_memory_stats_swap_in_bytes{}[2m]))',
  swap_out_kib_s: 'max(rate(libvirt_domain_memory_stats_swap_out_bytes{}[2m]))',
} as const;

/** Reads longer histories from Prometheus by a fixed set of queries; clients choose only the VM and the time. */
export class PrometheusHistory {
  readonly #options: PrometheusOptions;

  constructor(options: PrometheusOptions) {
    this.#options = options;
  }

  /** Throws UnexpectedError if Prometheus does not answer. `now`: in milliseconds since 1970. */
  ofHost(seconds: number, now: number) {
    return this.#history(HOST_QUERIES, [], seconds, now);
  }

  /** As {@link ofHost}, of the VM with this name. */
  ofVm(name: string, seconds: number, now: number) {
    return this.#history(VM_QUERIES, [`domain=${JSON.stringify(name)}`], seconds, now);
  }

  async #history<N extends string>(
    queries: Readonly<Record<N, string>>,
    matchers: readonly string[],
    seconds: number,
    now: number,
  ) {
    const step = Math.ceil(seconds / MOST_VALUES);
    const count = Math.ceil(seconds / step);
    const end = Math.floor(now / 1000 / step) * step;
    const range = { start: end - (count - 1) * step, end, step };
    const { selector } = this.#options;
    const labels = `{${[...matchers, ...(selector === '' ? [] : [selector])].join(',')}}`;
    const columns = await Promise.all(
      (Object.entries(queries) as [N, string][]).map(async ([name, query]) => {
        const values = await this.#query(query.replaceAll('{}', labels), range);
        return [name, inUnitsOf(name, values)] as const;
      }),
    ).catch((error: unknown) => {
      throw new VdsmError(
        'UnexpectedError',
        `Prometheus at ${this.#options.url} does not give the history: ${messageOf(error)}; ask for the last hour, or see [dashboard] prometheus_url`,
        { cause: error },
      );
    });
    return {
      source: 'prometheus' as const,
      start: new Date(range.start * 1000).toISOString(),
      step_s: step,
      series: Object.fromEntries(columns) as unknown as Columns<N>,
    };
  }

  async #query(
    query: string,
    range: { readonly start: number; readonly end: number; readonly step: number },
  ): Promise<(number | null)[]> {
    const url = new URL('api/v1/query_range', `${this.#options.url.replace(/\/*$/, '')}/`);
    for (const [name, value] of Object.entries({ query, ...range }))
      url.searchParams.set(name, String(value));
    const response = await fetch(url, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      redirect: 'error',
    });
    const answer = readAnswer(await boundedText(response), response.status);
    const byTime = new Map(answer.map(([time, value]) => [Math.round(time), Number(value)]));
    const count = (range.end - range.start) / range.step + 1;
    return Array.from({ length: count }, (_, index) => {
      const value = byTime.get(range.start + index * range.step);
      return value === undefined || !Number.isFinite(value) ? null : value;
    });
  }
}

/** Converts bytes to the KiB that the names of columns say. */
const inUnitsOf = (name: string, values: readonly (number | null)[]): (number | null)[] =>
  values.map((value) =>
    value === null || !name.includes('_kib') ? value : Math.max(0, Math.round(value / KIB)),
  );

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

interface Answer {
  readonly status?: string;
  readonly error?: string;
  readonly data?: { readonly result?: readonly { readonly values?: unknown }[] };
}

/** Returns the values of the only series of an answer; none without a series. */
function readAnswer(text: string, status: number): readonly (readonly [number, string])[] {
  let answer: Answer;
  try {
    answer = JSON.parse(text) as Answer;
  } catch {
    throw new Error(`status ${String(status)} without JSON`);
  }
  if (answer.status !== 'success') {
    throw new Error((answer.error ?? `status ${String(status)}`).slice(0, 200));
  }
  const values = answer.data?.result?.[0]?.values;
  return Array.isArray(values) ? (values as readonly (readonly [number, string])[]) : [];
}
