import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { declaredIn } from '../support/metricsPage.ts';
import { needs } from '../support/needs.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const files = ['docker/grafana-dashboard.json', 'docker/alert-rules.yml'];
const declared = declaredIn(read('fixtures/metrics/page.txt'));

describe.each(files)('%s', (file) => {
  test('uses only existing metrics', () => {
    const named = [...read(file).matchAll(/\b(?:vmemd|libvirt|process)_\w+/g)].map(
      ([name]) => name,
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !declared.has(name))).toEqual([]);
  });
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

describe('the Grafana dashboard', () => {
  const { panels } = JSON.parse(read('docker/grafana-dashboard.json')) as {
    readonly panels: readonly Panel[];
  };

  test('shows target, current, guaranteed and memory on one panel', () => {
    const marks = panels.find(({ title }) => title.startsWith('Balloon'))?.targets ?? [];
    expect(marks.map(({ expr }) => /^\w+/.exec(expr)?.[0]).sort()).toEqual([
      'libvirt_domain_memory_stats_actual_balloon_bytes',
      'vmemd_vm_balloon_target_bytes',
      'vmemd_vm_guaranteed_bytes',
      'vmemd_vm_memory_bytes',
    ]);
  });

  test('has panels with unique ids, each with a query', () => {
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

  test('accepts the alert rules', () => {
    expect(promtool(['check', 'rules', 'docker/alert-rules.yml'])).toEqual(clean);
  });

  test('raises the expected alerts and no others', () => {
    expect(promtool(['test', 'rules', 'fixtures/metrics/alert-rules.test.yml'])).toEqual(clean);
  });
});
