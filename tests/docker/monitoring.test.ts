import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { declaredIn } from '../support/metricsPage.ts';
import { needs } from '../support/needs.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const dashboards = ['docker/grafana-dashboard.json', 'docker/grafana-fleet-dashboard.json'];
const files = [...dashboards, 'docker/alert-rules.yml', 'docker/recording-rules.yml'];
const declared = declaredIn(read('fixtures/metrics/page.txt'));

/** level:metric:operations */
const RECORDED = /\b(?:instance|cluster|job):\w+:[a-z_]+\b/g;
const recorded = new Set(
  [...read('docker/recording-rules.yml').matchAll(/- record: (\S+)/g)].map(([, name]) => name),
);

describe.each(files)('%s', (file) => {
  test('uses only existing metrics', () => {
    const named = [
      ...read(file)
        .replaceAll(RECORDED, '')
        .matchAll(/\b(?:vmemd|libvirt|process)_\w+/g),
    ].map(([name]) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !declared.has(name))).toEqual([]);
  });

  test('uses only recorded sums that are recorded', () => {
    const named = [...read(file).matchAll(RECORDED)].map(([name]) => name);
    expect(named.filter((name) => !recorded.has(name))).toEqual([]);
  });
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const panelsOf = (file: string): readonly Panel[] =>
  (JSON.parse(read(file)) as { readonly panels: readonly Panel[] }).panels;

describe('the Grafana dashboard of a host', () => {
  const panels = panelsOf('docker/grafana-dashboard.json');

  test('shows target, current, guaranteed and memory on one panel', () => {
    const marks = panels.find(({ title }) => title.startsWith('Balloon'))?.targets ?? [];
    expect(marks.map(({ expr }) => /^\w+/.exec(expr)?.[0]).sort()).toEqual([
      'libvirt_domain_memory_stats_actual_balloon_bytes',
      'vmemd_vm_balloon_target_bytes',
      'vmemd_vm_guaranteed_bytes',
      'vmemd_vm_memory_bytes',
    ]);
  });
});

describe('the Grafana dashboard of a fleet', () => {
  test('shows every sum over clusters', () => {
    const text = read('docker/grafana-fleet-dashboard.json');
    const sums = [...recorded].filter((name) => name?.startsWith('cluster:'));
    expect(sums.length).toBeGreaterThan(10);
    expect(sums.filter((name = '') => !text.includes(name))).toEqual([]);
  });
});

describe('the recorded sums', () => {
  test('are the same for clusters and all hosts', () => {
    const of = (level: string) =>
      [...recorded].flatMap((name = '') => name.split(`${level}:`).slice(1)).sort();
    expect(of('job')).toEqual(of('cluster'));
  });
});

describe.each(dashboards)('%s', (file) => {
  test('has panels with unique ids, each with a query', () => {
    const panels = panelsOf(file);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const empty = panels.filter(({ type, targets = [] }) => type !== 'row' && targets.length === 0);
    expect(empty).toEqual([]);
  });
});

describe('the alerts', () => {
  const rules = read('docker/alert-rules.yml').split('- alert: ').slice(1);

  test('each say what to do', () => {
    expect(rules.length).toBeGreaterThan(4);
    for (const rule of rules) expect(rule).toMatch(/summary: >-\n\s+\S.*\n\s+\S/);
  });
});

needs('promtool')('promtool', () => {
  const promtool = (args: readonly string[], input?: string) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, input });
    return {
      status,
      problems: status === 0 ? String(stderr) : `${String(stdout)}${String(stderr)}`,
    };
  };
  const clean = { status: 0, problems: '' };

  test('accepts the metrics page', () => {
    expect(promtool(['check', 'metrics'], read('fixtures/metrics/page.txt'))).toEqual(clean);
  });

  test('accepts the rules', () => {
    const rules = ['docker/alert-rules.yml', 'docker/recording-rules.yml'];
    expect(promtool(['check', 'rules', ...rules])).toEqual(clean);
  });

  test('raises the expected alerts and no others', () => {
    expect(promtool(['test', 'rules', 'fixtures/metrics/alert-rules.test.yml'])).toEqual(clean);
  });

  test('records the expected sums of a fleet', () => {
    expect(promtool(['test', 'rules', 'fixtures/metrics/recording-rules.test.yml'])).toEqual(clean);
  });

  test('reads every query of the dashboards', () => {
    const queries = dashboards.flatMap(panelsOf).flatMap(({ targets = [] }) => targets);
    const rules = queries.map(({ expr }, index) => ({
      record: `query_${String(index)}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    const file = { groups: [{ name: 'dashboards', rules }] };
    const folder = mkdtempSync(join(tmpdir(), 'vmemd-queries-'));
    const path = join(folder, 'queries.json');
    writeFileSync(path, JSON.stringify(file));
    expect(promtool(['check', 'rules', path])).toEqual(clean);
    rmSync(folder, { recursive: true });
  });
});
