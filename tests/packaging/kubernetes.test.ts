import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { version } from '../../src/common/version.ts';
import { loadConfig } from '../../src/config/config.ts';

const FOLDER = join(import.meta.dirname, '../../packaging/kubernetes');
const read = (file: string): unknown => parse(readFileSync(join(FOLDER, file), 'utf8'));

interface Mount {
  readonly name: string;
  readonly mountPath: string;
}
interface Container {
  readonly image: string;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly Mount[];
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
  readonly startupProbe?: unknown;
  readonly livenessProbe?: unknown;
  readonly readinessProbe?: unknown;
}
interface DaemonSet {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly initContainers: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
        readonly securityContext: Readonly<Record<string, unknown>>;
      };
    };
  };
}

describe('the DaemonSet', () => {
  const { selector, template } = (read('daemonset.yaml') as DaemonSet).spec;
  const { containers, initContainers, volumes, securityContext } = template.spec;
  const [vmemd] = containers;

  test('selects its own pods', () => {
    expect(template.metadata.labels).toEqual(expect.objectContaining(selector.matchLabels));
  });

  test('mounts each of its volumes', () => {
    const mounted = [...containers, ...initContainers].flatMap((each) => each.volumeMounts);
    const names = new Set(mounted.map(({ name }) => name));
    expect([...names].sort()).toEqual(volumes.map(({ name }) => name).sort());
  });

  test('runs vmemd with the user of the image and no privileges', () => {
    const dockerfile = readFileSync(join(FOLDER, '../../docker/Dockerfile'), 'utf8');
    const [, user, group] = /^USER (\d+):(\d+)$/m.exec(dockerfile) ?? [];
    expect(securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(user),
      runAsGroup: Number(group),
    });
    expect(vmemd?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('runs the image of this version', () => {
    for (const { image } of [...containers, ...initContainers]) {
      expect(image).toBe(`vmemd:${version()}`);
    }
  });

  test('is limited in memory, and has probes', () => {
    expect(vmemd?.resources.limits).toHaveProperty('memory');
    expect(vmemd).toMatchObject({
      startupProbe: expect.anything(),
      livenessProbe: expect.anything(),
      readinessProbe: expect.anything(),
    });
  });
});

test('the kustomization names each manifest but that of the Prometheus operator', () => {
  const { resources } = read('kustomization.yaml') as { readonly resources: readonly string[] };
  const others = ['kustomization.yaml', 'servicemonitor.yaml'];
  const manifests = readdirSync(FOLDER).filter(
    (name) => name.endsWith('.yaml') && !others.includes(name),
  );
  expect([...resources].sort()).toEqual(manifests.sort());
});

test('each manifest is in the namespace that is made', () => {
  const { metadata } = read('namespace.yaml') as { readonly metadata: { readonly name: string } };
  for (const file of [
    'daemonset.yaml',
    'service.yaml',
    'serviceaccount.yaml',
    'servicemonitor.yaml',
  ]) {
    expect(read(file)).toMatchObject({ metadata: { namespace: metadata.name } });
  }
});

test('vmemd accepts its configuration', () => {
  const config = loadConfig({ root: '/nonexistent', env: {}, files: [join(FOLDER, 'vmemd.conf')] });
  expect(config.policy.mode).toBe('observe');
});
