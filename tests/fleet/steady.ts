import { setTimeout as pause } from 'node:timers/promises';
import type { Poll } from './engine.ts';
import type { Fleet } from './fleet.ts';
import { trafficOf } from './network.ts';
import { quantile, type Report, spread, sum } from './report.ts';

/** Lets Prometheus and the engine watch all hosts for some time; checks that nothing was missed, and measures it. */
export async function watchSteadily(
  { hosts, engines, prometheus }: Fleet,
  report: Report,
  { seconds, interval }: { readonly seconds: number; readonly interval: number },
): Promise<void> {
  report.step(
    `Prometheus and the engine watch ${String(hosts.length)} hosts for ${String(seconds)} s`,
  );
  const look = () =>
    hosts.map((host, index) => ({
      ...host.usage(),
      traffic: trafficOf(host.name),
      polling: engines[index]?.bytes ?? NaN,
    }));
  const began = performance.now();
  const before = look();
  await pause(seconds * 1000);
  const after = look();
  const elapsed = (performance.now() - began) / 1000;

  const window = `${String(Math.round(seconds))}s`;
  const up = await prometheus.query(`min_over_time(up[${window}])`);
  const counts = await prometheus.query(`count_over_time(up[${window}])`);
  const least = Math.floor(seconds / interval);
  report.check(
    'up is 1 all the time',
    up.length === hosts.length && up.every(({ value }) => value === 1),
  );
  report.check(
    `each host was scraped ${String(least)} times`,
    counts.length === hosts.length && counts.every(({ value }) => value >= least),
    counts.map(({ value }) => value).join(' '),
  );
  const polls = engines.flatMap((engine) => engine.polls.filter(({ at }) => at >= began));
  checkPolls(report, polls, 2 * hosts.length * Math.floor(seconds / 15 - 1));
  report.check(
    'no engine has connected twice',
    engines.every(({ connects }) => connects === 1),
  );
  report.check('events were received', sum(engines.map(({ events }) => events)) > 0);
  if (seconds > 20) {
    report.check(
      'each host has sent heart-beats',
      engines.every(({ heartbeats }) => heartbeats > 0),
    );
  }

  const rate = (of: 'cpu' | 'traffic' | 'polling') =>
    before.map((each, index) => ((after[index]?.[of] ?? NaN) - each[of]) / elapsed);
  const [traffic, polling] = [rate('traffic'), rate('polling')];
  const page = await prometheus.query('scrape_body_size_bytes');
  const duration = await prometheus.query(`max_over_time(scrape_duration_seconds[${window}])`);
  report.figure(
    'CPU of vmemd, % of a core per host',
    spread(rate('cpu').map((share) => share * 100)),
  );
  report.figure(
    'resident memory of vmemd, MiB per host',
    spread(
      after.map(({ rss }) => rss),
      0,
    ),
  );
  report.figure('page of metrics, kB', spread(page.map(({ value }) => value / 1000)));
  report.figure(
    'longest scrape, ms',
    spread(
      duration.map(({ value }) => value * 1000),
      0,
    ),
  );
  report.figure('polling on the wire, bytes/s per host', spread(polling, 0));
  const scraping = traffic.map((bytes, index) => bytes - (polling[index] ?? NaN));
  report.figure('scraping on the wire, bytes/s per host', spread(scraping, 0));
  for (const method of new Set(polls.map((poll) => poll.method))) {
    const took = polls.filter((poll) => poll.method === method).map((poll) => poll.took);
    const times = [0.5, 0.99, 1].map((share) => quantile(took, share).toFixed(1)).join(', ');
    report.figure(`${method}, ms p50, p99, max`, `${times} of ${String(took.length)}`);
  }
}

function checkPolls(report: Report, polls: readonly Poll[], least: number): void {
  const problems = polls.flatMap(({ host, method, problem }) =>
    problem === undefined ? [] : [`${host} ${method}: ${problem}`],
  );
  report.check('each poll was answered', problems.length === 0, problems.slice(0, 5).join('; '));
  report.check('there were as many polls as were due', polls.length >= least, polls.length);
}
