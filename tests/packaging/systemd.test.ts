import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { configuration } from '../../schema/config.ts';
import { needs } from '../support/needs.ts';

const FOLDER = join(import.meta.dirname, '../../packaging/systemd');
const unit = readFileSync(join(FOLDER, 'vmemd.service'), 'utf8');

/** systemd-analyze calls a service with more than this exposed to attacks. */
const MOST_EXPOSED = 3.0;

needs('systemd-analyze')('the unit of systemd', () => {
  test('has no setting that systemd does not know', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vmemd-unit-'));
    try {
      const path = join(folder, 'vmemd.service');
      writeFileSync(path, unit.replace('/usr/bin/vmemd', '/bin/true').replace(/^Doc.*\n/m, ''));
      const { stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', path]);
      const own = String(stderr)
        .split('\n')
        .filter((line) => line.includes('vmemd.service'));
      expect({ own, status }).toEqual({ own: [], status: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('exposes little to attacks', () => {
    const path = join(FOLDER, 'vmemd.service');
    const report = execFileSync('systemd-analyze', ['security', '--offline=true', path]);
    const level = Number(/exposure level for vmemd\.service: ([\d.]+)/.exec(String(report))?.[1]);
    expect(level).toBeGreaterThan(0);
    expect(level).toBeLessThanOrEqual(MOST_EXPOSED);
  });
});

describe('the unit of systemd', () => {
  test('gives vmemd the folders that its configuration names by default', () => {
    const defaults = JSON.stringify(configuration);
    expect(defaults).toContain('/run/vmemd/');
    expect(unit).toMatch(/^RuntimeDirectory=vmemd$/m);
    expect(defaults).toContain('/var/lib/vmemd/');
    expect(unit).toMatch(/^StateDirectory=vmemd$/m);
  });

  test('starts after libvirt, and starts none of its sockets, each of which would stop the other', () => {
    const of = (key: string): string[] =>
      [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].flatMap(([, units = '']) =>
        units.split(' '),
      );
    const libvirt = ['libvirtd.socket', 'virtqemud.socket'];
    expect(of('After')).toEqual(expect.arrayContaining(libvirt));
    const started = ['Wants', 'Requires', 'BindsTo', 'Upholds'].flatMap(of);
    expect(started.filter((name) => libvirt.includes(name))).toEqual([]);
  });

  test('sets only variables that vmemd reads', () => {
    const variables = [...unit.matchAll(/^Environment=VMEMD_(\w+?)_(\w+)=/gm)];
    expect(variables.length).toBeGreaterThan(0);
    for (const [, section = '', key = ''] of variables) {
      expect(configuration).toHaveProperty([section.toLowerCase(), key.toLowerCase()]);
    }
  });
});
