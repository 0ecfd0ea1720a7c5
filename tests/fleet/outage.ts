import { eventually } from './eventually.ts';
import type { Fleet } from './fleet.ts';
import type { Report } from './report.ts';

const PROMISED = 'job:vmemd_vm_guaranteed_bytes:sum';
const DOWN = 'count(ALERTS{alertname="VmemdDown",alertstate="firing"}) or vector(0)';

/** Kills vmemd of a host; checks that this is seen, and that it is as before once vmemd and its guests run again. */
export async function loseHost(
  { hosts, engines, prometheus }: Fleet,
  report: Report,
): Promise<void> {
  const index = Math.floor(hosts.length / 2);
  const [host, engine] = [hosts[index], engines[index]];
  if (!host || !engine) return;
  const { name } = host;
  report.step(`vmemd of ${name} is killed`);
  const ok = (words: string) => {
    report.check(words, true);
  };
  const before = (await prometheus.value(PROMISED)) ?? NaN;
  const own =
    (await prometheus.value(`instance:vmemd_vm_guaranteed_bytes:sum{instance="${name}"}`)) ?? NaN;
  await host.kill();
  await eventually('the engine loses it', () => !engine.isConnected);
  ok('the engine has lost it');
  await prometheus.becomes(`up{instance="${name}"}`, 0);
  await prometheus.becomes('job:up:sum', hosts.length - 1);
  ok('Prometheus sees that it is away');
  await prometheus.becomes(PROMISED, before - own);
  ok('its guarantees are out of the sum');
  await prometheus.becomes(DOWN, 1, 180);
  ok('the alert VmemdDown fires, once');
  const others = engines.filter((each) => each !== engine);
  report.check(
    'the engine still has all others',
    others.every((each) => each.isConnected),
  );

  await host.start();
  const since = performance.now();
  await eventually('the engine has it again', () => engine.isConnected);
  const answered = () => engine.polls.some((poll) => poll.at > since && poll.problem === undefined);
  await eventually('the engine is answered again', answered);
  ok('the engine has it again, and is answered');
  await prometheus.becomes(`up{instance="${name}"}`, 1);
  await prometheus.becomes(PROMISED, before);
  ok('Prometheus has it again, and the sums are as before');
  await prometheus.becomes(DOWN, 0);
  ok('the alert is over');
}
