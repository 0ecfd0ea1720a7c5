import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { configuration } from '../../schema/config.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Service {
  readonly image: string;
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly privileged?: boolean;
  readonly security_opt?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly build?: { readonly dockerfile: string };
}
const { services, volumes } = parse(read('docker/compose.yaml')) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};

describe('compose.yaml', () => {
  test('publishes ports on loopback only', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(2);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('gives no service privileges', () => {
    for (const service of Object.values(services)) {
      expect(service.privileged).toBeUndefined();
      expect(service.network_mode).not.toBe('host');
      expect(service.security_opt).toContain('no-new-privileges:true');
    }
  });

  test('lets Prometheus and the page reach vmemd on its own loopback address', () => {
    expect(services['prometheus']?.network_mode).toBe('service:vmemd');
    expect(services['page']?.network_mode).toBe('service:vmemd');
  });

  test('sets only what vmemd reads', () => {
    const names = Object.keys(services['vmemd']?.environment ?? {});
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const [, section = '', key = ''] = /^VMEMD_([A-Z]+)_(\w+)$/.exec(name) ?? [];
      expect(configuration).toHaveProperty([section.toLowerCase(), key.toLowerCase()]);
    }
  });

  test('mounts only files that exist, and volumes that are declared', () => {
    const sources = Object.values(services)
      .flatMap((service) => service.volumes ?? [])
      .map((volume) => volume.split(':')[0] ?? '');
    const files = sources.filter((source) => source.startsWith('./'));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      expect(readdirSync(join(root, 'docker', file, '..'))).toContain(file.split('/').at(-1));
    }
    const named = sources.filter((source) => !source.startsWith('./'));
    expect([...new Set(named)].sort()).toEqual(Object.keys(volumes).sort());
  });
});

describe('Grafana', () => {
  const provisioned = 'docker/grafana/provisioning';
  const mounts = services['grafana']?.volumes ?? [];

  test('finds the dashboards where it looks for them', () => {
    const { providers } = parse(read(`${provisioned}/dashboards/vmemd.yaml`)) as {
      readonly providers: readonly { readonly options: { readonly path: string } }[];
    };
    for (const { options } of providers) {
      expect(mounts.filter((mount) => mount.includes(`.json:${options.path}/`))).not.toEqual([]);
    }
    const home = services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'];
    expect(mounts).toContain(`./grafana-dashboard.json:${home ?? ''}:ro`);
  });

  test('reads the Prometheus that shares the network of vmemd', () => {
    const { datasources } = parse(read(`${provisioned}/datasources/prometheus.yaml`)) as {
      readonly datasources: readonly { readonly type: string; readonly url: string }[];
    };
    expect(datasources).toEqual([
      expect.objectContaining({ type: 'prometheus', url: 'http://vmemd:9090' }),
    ]);
  });
});

describe.each(['docker/Dockerfile', 'docker/libvirt/Dockerfile'])('%s', (file) => {
  const text = read(file);

  test('copies only what .dockerignore lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copies = [...text.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    );
    for (const source of copies.filter((each) => each !== '.')) {
      expect(allowed.some((each) => normalize(source).startsWith(each))).toBe(true);
    }
  });

  test('takes its base from whoever builds it, and has a health check', () => {
    expect(text).toMatch(/^ARG BASE=\S+$/m);
    expect(text).toMatch(/^HEALTHCHECK .*CMD \[/m);
  });
});

test('the image of vmemd runs as a user with a number that is not 0', () => {
  expect(read('docker/Dockerfile')).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
});
