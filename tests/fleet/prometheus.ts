import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientFiles } from './certificates.ts';
import { eventually } from './eventually.ts';
import { type FleetHost, PORT } from './host.ts';

const rules = join(import.meta.dirname, '../../docker');
const ADDRESS = '127.0.0.1:9090';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that scrapes all hosts with a client certificate, records their sums and evaluates the alerts. */
export class Prometheus {
  readonly #process: ChildProcess;

  constructor(folder: string, pki: string, hosts: readonly FleetHost[], interval: number) {
    const config = join(folder, 'prometheus.json');
    writeFileSync(config, JSON.stringify(configuration(pki, hosts, interval)));
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${ADDRESS}`,
      '--enable-feature=extra-scrape-metrics',
    ];
    const log = openSync(join(folder, 'prometheus.log'), 'w');
    this.#process = spawn('prometheus', args, { stdio: ['ignore', log, log] });
  }

  /** Returns the result of an instant query. */
  async query(expr: string): Promise<readonly Sample[]> {
    const url = `http://${ADDRESS}/api/v1/query?query=${encodeURIComponent(expr)}`;
    const { data, error } = (await (await fetch(url)).json()) as Answer;
    if (!data) throw new Error(`${expr}: ${String(error)}`);
    return data.result.map(({ metric, value: [, text] }) => ({ metric, value: Number(text) }));
  }

  /** Returns the value of a query with one series; undefined if it has none. */
  async value(expr: string): Promise<number | undefined> {
    return (await this.query(expr))[0]?.value;
  }

  /** Fulfils once a query has a series with this value. */
  async becomes(expr: string, value: number, seconds?: number): Promise<void> {
    const isSo = async () => (await this.value(expr).catch(() => undefined)) === value;
    await eventually(`${expr} is ${String(value)}`, isSo, seconds);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

interface Answer {
  readonly data?: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
  readonly error?: string;
}

function configuration(pki: string, hosts: readonly FleetHost[], interval: number) {
  const { ca, cert, key } = clientFiles(pki);
  return {
    global: {
      scrape_interval: `${String(interval)}s`,
      evaluation_interval: `${String(interval)}s`,
    },
    rule_files: ['alert-rules.yml', 'recording-rules.yml'].map((name) => join(rules, name)),
    scrape_configs: [
      {
        job_name: 'vmemd',
        scheme: 'https',
        scrape_timeout: `${String(Math.min(10, interval))}s`,
        tls_config: { ca_file: ca, cert_file: cert, key_file: key },
        static_configs: hosts.map(({ plan: { name, address, cluster } }) => ({
          targets: [`${address}:${String(PORT)}`],
          labels: { instance: name, cluster },
        })),
      },
    ],
  };
}
