/**
 * The floors of the house, from the top down: a folder imports itself, what stands in its row, and nothing else of the
 * project. Folders are regular expressions below `src/`; `schema` is the contract.
 */
const FLOORS = [
  ['main', 'main\\.ts$', ['cli', 'service/', 'common']],
  ['service', 'service/', ['.*']],
  ['cli', 'cli/', ['config', 'telemetry', 'common']],
  ['verbs', 'verbs/', ['api', 'vm', 'memory', 'policy', 'common', 'schema']],
  ['server', 'server/[^/]+$', ['server/', 'jsonrpc', 'common']],
  ['server-rest', 'server/rest/', ['server/http', 'jsonrpc', 'domain-xml', 'common', 'schema']],
  ['server-stomp', 'server/stomp/', ['jsonrpc', 'common']],
  ['server-websocket', 'server/websocket/', ['server/http', 'jsonrpc', 'common']],
  ['server-http', 'server/http/', ['common']],
  ['server-port', 'server/port/', ['server/tls', 'server/limits', 'common']],
  ['server-tls', 'server/tls/', ['server/limits', 'common']],
  ['server-limits', 'server/limits/', ['common']],
  ['jsonrpc', 'jsonrpc/', ['api', 'common']],
  ['api', 'api/', ['vm', 'policy', 'host/report', 'common', 'schema']],
  [
    'telemetry',
    'telemetry/',
    ['vm', 'memory', 'policy', 'config', 'host/hypervisor', 'common', 'schema'],
  ],
  ['policy', 'policy/', ['vm', 'memory', 'host/hypervisor', 'common', 'schema']],
  ['vm', 'vm/', ['host/hypervisor', 'domain-xml', 'memory', 'common', 'schema']],
  ['memory', 'memory/', ['domain-xml/types\\.ts', 'common']],
  ['config', 'config/', ['common', 'schema']],
  ['host', 'host/', ['libvirt', 'domain-xml', 'common', 'schema']],
  ['domain-xml', 'domain-xml/', ['common', 'schema']],
  ['libvirt', 'libvirt/', []],
  ['common', 'common/', []],
];

const pathOf = (folder) => (folder === 'schema' ? '^schema/' : `^src/${folder}`);

/** A rule that keeps one floor from importing what is not below it. */
const floor = ([name, from, below]) => ({
  name: `floor-${name}`,
  comment: `${name} imports only: ${below.join(', ') || 'itself'}`,
  severity: 'error',
  from: { path: pathOf(from) },
  to: {
    path: '^(src|schema|web|tests|bench|scripts)/',
    pathNot: [pathOf(from), ...below.map(pathOf)],
  },
});

const never = (name, from, to, because) => ({
  name,
  comment: because,
  severity: 'error',
  from,
  to,
});

const CORE = { dependencyTypes: ['core'] };
const PACKAGE = { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'] };

module.exports = {
  forbidden: [
    ...FLOORS.map(floor),
    never(
      'schema-is-a-leaf',
      { path: '^schema/' },
      { path: '^(src|schema|web|tests|bench|scripts)/', pathNot: '^schema/' },
      'the contract imports nothing outside itself',
    ),
    never(
      'one-file-meters',
      { path: '^src/', pathNot: '^src/telemetry/meters\\.ts$' },
      { path: 'node_modules/prom-client' },
      'the library that meters is changed in one place',
    ),
    never(
      'hosts-are-apart',
      { path: '^src/host/(libvirt|simulated)/' },
      { path: '^src/host/(libvirt|simulated)/', pathNot: '^src/host/$1/' },
      'one hypervisor does not know the other',
    ),
    never(
      'pure-layers-touch-no-machine',
      {
        path: '^(schema/|src/(domain-xml|memory)/|src/common/(units|errors|schema)\\.ts$|src/api/coerce\\.ts$)',
      },
      CORE,
      'pure code runs anywhere',
    ),
    never(
      'no-packages-below',
      { path: '^(schema/|src/(memory|libvirt)/|src/common/(?!validate)|src/api/coerce\\.ts$)' },
      PACKAGE,
      'the lowest layers need nobody else',
    ),
    never('no-circles', {}, { circular: true }, 'one direction of dependency'),
    never('no-unknowns', {}, { couldNotResolve: true }, 'every import is found'),
    never(
      'no-dev-packages-in-the-program',
      { path: '^(src|schema)/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
      'what is shipped needs only dependencies',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
