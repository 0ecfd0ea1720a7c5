import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { announce, root } from '../run.mjs';
import { output } from './engine.mjs';

const BASE = 'localhost/vmemd-base';
const IMAGES = {
  'localhost/vmemd-libvirt': 'docker/libvirt/Dockerfile',
  'localhost/vmemd': 'docker/Dockerfile',
};
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Debian 12 with this machine's Node.js and npm, in the place of node:24-bookworm-slim. */
const BASE_FILE = `FROM scratch
ADD base.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY certificates /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
  && mkdir -p /usr/local/etc && echo cafile=${CERTIFICATES} >/usr/local/etc/npmrc
`;

/** Debian's Prometheus in the place of the image that compose.yaml names. */
const PROMETHEUS_FILE = `FROM ${BASE}
COPY prometheus /bin/prometheus
RUN install -d -o 65534 -g 65534 /prometheus /etc/prometheus
USER 65534
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
`;

/** Builds without an engine, nor namespaces that a container may not make. */
const build = ({ image, file, context }, ...args) =>
  announce(`Building ${image}`, () =>
    output('buildah', [
      'build',
      '--layers',
      '--isolation=chroot',
      // the only format that keeps a health check
      '--format=docker',
      `--tag=${image}`,
      `--file=${file}`,
      ...args,
      context,
    ]),
  );

/** Builds the base, the images of docker/ on it, and a stand-in for Prometheus. */
export async function buildImages(folder, prometheus) {
  const context = join(folder, 'base');
  mkdirSync(context, { recursive: true });
  const tar = join(context, 'base.tar');
  if (!existsSync(tar)) {
    await announce('Making a Debian 12 by mmdebstrap', () =>
      output('mmdebstrap', [
        '--variant=minbase',
        '--include=ca-certificates,libstdc++6',
        'bookworm',
        tar,
      ]),
    );
  }
  copyFileSync(process.execPath, join(context, 'node'));
  copyFileSync(CERTIFICATES, join(context, 'certificates'));
  copyFileSync('/usr/bin/prometheus', join(context, 'prometheus'));
  const npm = dirname(dirname(realpathSync(await output('sh', ['-c', 'command -v npm']))));
  cpSync(npm, join(context, 'npm'), { recursive: true, dereference: true });
  writeFileSync(join(context, 'Base'), BASE_FILE);
  writeFileSync(join(context, 'Prometheus'), PROMETHEUS_FILE);
  const own = (image, file) => ({ image, file: join(context, file), context });
  const onBase = `--build-arg=BASE=${BASE}`;
  await build(own(BASE, 'Base'));
  for (const [image, file] of Object.entries(IMAGES)) {
    await build({ image, file, context: root }, onBase);
  }
  await build(own(prometheus, 'Prometheus'));
}
