const pathOf = (path) => (/^(schema|web)\//.test(path) ? `^${path}` : `^src/${path}`);

/** A rule that keeps one floor from importing what is not below it. */
function floor(name, path, below, because) {
  const from = pathOf(path);
  return {
    name: `floor-${name}`,
    comment: because,
    severity: 'error',
    from: { path: from },
    to: {
      path: '^(src|schema|web|tests|bench|scripts)/',
      pathNot: [from, ...below.map(pathOf)],
    },
  };
}

const BELOW_VM = ['host/[^/]+$', '(domain-xml|memory|common)/', 'schema/'];

/** A floor inside `vm/` that stands above the VM itself. */
const vmFloor = (name, below, because) =>
  floor(`vm-${name}`, `vm/${name}/`, ['vm/[^/]+$', ...below, ...BELOW_VM], because);

/** A floor of the page in the browser, which knows the contract and nothing else of the program. */
const pageFloor = (name, path, below, because) =>
  floor(
    name,
    `web/${path}`,
    [...below.map((each) => `web/${each}`), 'schema/', 'common/(typed|units)\\.ts$'],
    because,
  );

/**
 * The floors of the house, from the top down: the files of a floor import each other, the floors named in their rule,
 * and nothing else of the project. Paths are regular expressions below `src/`; `schema` is the contract.
 */
const FLOORS = [
  floor(
    'main',
    '(main|program)\\.ts$',
    ['cli/', 'service/', 'common/'],
    'it only starts the program',
  ),
  floor(
    'service',
    'service/',
    ['(access|api|jsonrpc|server|telemetry|overview|policy|vm|memory|host|config|common)/'],
    'the composition root knows every part and no part knows it',
  ),
  floor(
    'cli',
    'cli/',
    ['config/', 'telemetry/', 'policy/(decide|replay)/', 'common/'],
    'it starts a service that it is given',
  ),
  floor(
    'vmemctl',
    'vmemctl/',
    ['(client|config|common)/', 'schema/'],
    'the command line is a client as any other',
  ),
  floor('client', 'client/', ['common/', 'schema/'], 'it could be a package of its own'),
  floor(
    'verbs',
    'verbs/',
    ['(access|api|overview|vm|memory|policy|common)/', 'schema/'],
    'a verb is the same over every protocol and on every hypervisor',
  ),

  floor(
    'server',
    'server/[^/]+$',
    ['server/', 'jsonrpc/', '(access|common)/'],
    'it joins the protocols on one port',
  ),
  floor(
    'server-rest',
    'server/rest/',
    ['server/(http|limits|peer)/', 'jsonrpc/', 'domain-xml/', '(access|common)/', 'schema/'],
    'resources are made of verbs, called as by every other client',
  ),
  floor(
    'server-stomp',
    'server/stomp/',
    ['server/(limits|peer)/', 'jsonrpc/', '(access|common)/'],
    'it carries messages whose meaning it does not know',
  ),
  floor(
    'server-websocket',
    'server/websocket/',
    ['server/(http|limits|peer)/', 'jsonrpc/', 'common/'],
    'it carries messages whose meaning it does not know',
  ),
  floor(
    'server-http',
    'server/http/',
    ['server/limits/', '(access|common)/'],
    'pages and APIs are given to it',
  ),
  floor(
    'server-dashboard',
    'server/dashboard/',
    ['server/http/', 'common/'],
    'it serves files, and knows nothing of what they show',
  ),
  floor(
    'server-port',
    'server/port/',
    ['server/(tls|limits|peer)/', '(access|common)/'],
    'below all protocols',
  ),
  floor('server-tls', 'server/tls/', ['server/limits/', 'common/'], 'below all protocols'),
  floor(
    'server-peer',
    'server/peer/',
    ['(access|common)/'],
    'every protocol describes its clients the same',
  ),
  floor('server-limits', 'server/limits/', ['common/'], 'every protocol uses the same limits'),

  floor('jsonrpc', 'jsonrpc/', ['(access|api|common)/'], 'it knows no transport and no verb'),
  floor(
    'api',
    'api/',
    ['vm/registry/', 'overview/', 'policy/', 'host/report/', '(access|common)/', 'schema/'],
    'it says what a verb may use, and knows no verb',
  ),
  floor(
    'overview',
    'overview/',
    ['(vm|memory|policy|common)/', 'host/(pressure/|[^/]+$)', 'schema/'],
    'it shows what the floors below know, and changes nothing',
  ),
  floor(
    'telemetry',
    'telemetry/',
    ['(vm|memory|policy|config|common)/', 'host/(pressure|report)/', 'host/[^/]+$', 'schema/'],
    'it observes, and nothing below reports to it by itself',
  ),
  floor(
    'policy-explain',
    'policy/explain/',
    ['policy/(decide|loop)/', 'vm/', 'memory/', 'common/', 'schema/'],
    'it tells what the loop has decided, and decides nothing',
  ),
  floor(
    'policy-trace',
    'policy/trace/',
    ['policy/(decide|loop)/', 'common/'],
    'it writes down what the loop tells',
  ),
  floor(
    'policy-loop',
    'policy/loop/',
    ['policy/(decide|mom)/', 'vm/', 'memory/', 'host/pressure/', 'host/[^/]+$', 'common/'],
    'it acts on VMs by what was decided, and decides nothing itself',
  ),
  floor(
    'policy-reservations',
    'policy/reservations/[^/]+$',
    [
      'policy/(reservations/plan|decide|loop)/',
      'vm/',
      'memory/',
      'host/pressure/',
      'host/[^/]+$',
      'common/',
      'schema/',
    ],
    'it makes room on VMs as planned, and the loop knows only how much it holds',
  ),
  floor(
    'policy-reservations-plan',
    'policy/reservations/plan/',
    ['policy/decide/', 'common/'],
    'what guests give is planned from figures that are given',
  ),
  floor(
    'policy-mom',
    'policy/mom/',
    ['common/'],
    'MoM is a process of its own, reached by a socket',
  ),
  floor(
    'policy-ksm',
    'policy/ksm/',
    ['host/(pressure|report)/', 'common/'],
    'it tunes the kernel, and knows no VM',
  ),
  floor(
    'policy-decide',
    'policy/decide/',
    ['common/'],
    'decisions are made from figures that are given',
  ),

  floor(
    'policy-replay',
    'policy/replay/',
    ['policy/decide/', 'common/'],
    'a recorded round is decided again without its host',
  ),

  vmFloor('registry', ['vm/'], 'it knows all VMs and all that is done to them'),
  vmFloor('actions', ['vm/(memory|record)/'], 'an action knows its VM, not the registry'),
  vmFloor('report', ['vm/(memory|record)/'], 'reports read, and change nothing'),
  vmFloor('memory', ['vm/record/'], 'it runs the memory operations of one VM'),
  floor(
    'vm',
    'vm/[^/]+$',
    ['vm/record/', ...BELOW_VM],
    'one VM does not know what is done to it or reported of it',
  ),
  floor(
    'vm-record',
    'vm/record/',
    BELOW_VM,
    'a record does not depend on the VM that it belongs to',
  ),

  floor(
    'memory',
    'memory/',
    ['domain-xml/(types|alias|slots)\\.ts$', 'common/'],
    'decisions about memory are pure functions',
  ),
  floor('config', 'config/', ['(access|common)/', 'schema/'], 'it is read before anything exists'),

  floor(
    'host-simulated',
    'host/simulated/[^/]+$',
    ['host/[^/]+$', 'host/(report|simulated)/', 'domain-xml/', 'common/'],
    'one hypervisor does not know the other',
  ),
  floor(
    'host-simulated-guest',
    'host/simulated/guest/',
    ['host/[^/]+$', 'common/'],
    'a simulated guest is a value that knows no host',
  ),
  floor(
    'host-libvirt',
    'host/libvirt/',
    ['host/[^/]+$', '(libvirt|domain-xml|common)/'],
    'one hypervisor does not know the other',
  ),
  floor(
    'host-report',
    'host/report/',
    ['host/[^/]+$', 'common/'],
    'it reads /proc and /sys of whatever host it is given',
  ),
  floor(
    'host-pressure',
    'host/pressure/',
    ['host/[^/]+$', 'host/report/', 'common/'],
    'it measures the host, and decides nothing',
  ),
  floor(
    'host',
    'host/[^/]+$',
    ['domain-xml/', 'common/'],
    'the seam knows no hypervisor behind it',
  ),

  floor(
    'domain-xml-build',
    'domain-xml/build/',
    ['domain-xml/[^/]+$', 'common/', 'schema/'],
    'it builds what the rest of domain-xml reads and edits',
  ),
  floor('domain-xml', 'domain-xml/[^/]+$', ['common/'], 'domain XML is text in and text out'),
  floor(
    'vmemctl-parts',
    'vmemctl/(names|output|plan|sizes)/',
    ['common/'],
    'what is shown and what is typed knows no command',
  ),
  floor('access', 'access/', ['common/'], 'who may do what is decided by pure functions'),
  floor('libvirt', 'libvirt/', [], 'the client of libvirt could be a package of its own'),
  floor('common', 'common/', [], 'everything may use it'),

  pageFloor(
    'page',
    '[^/]+$',
    ['(vms|vm|host|actions|parts|connection|model|style)/'],
    'it joins the parts',
  ),
  pageFloor('page-vms', 'vms/', ['(vm|parts|connection|model)/'], 'a row opens its details'),
  pageFloor(
    'page-vm',
    'vm/',
    ['(actions|parts|connection|model)/'],
    'details do not know their row',
  ),
  pageFloor('page-host', 'host/', ['(actions|parts|connection|model)/'], 'a host is not its VMs'),
  pageFloor(
    'page-actions',
    'actions/',
    ['(parts|connection|model)/'],
    'they know what they change',
  ),
  pageFloor('page-parts', 'parts/', ['model/'], 'they could be those of another page'),
  pageFloor(
    'page-model',
    'model/',
    ['connection/methods\\.ts$'],
    'what is shown is decided by pure functions',
  ),
  pageFloor('page-connection', 'connection/', [], 'it knows no document'),
];

const never = (name, from, to, because) => ({
  name,
  comment: because,
  severity: 'error',
  from,
  to,
});

const CORE = { dependencyTypes: ['core'] };
const PACKAGE = { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'] };

/** Packages that the bundles of the build contain: all are development dependencies, as an installed vmemd needs none. */
const BUNDLED = [
  'ajv',
  'commander',
  'json-rpc-2.0',
  'pino',
  'prom-client',
  'saxes',
  'ws',
  // types alone
  '@types/ws',
];

module.exports = {
  forbidden: [
    ...FLOORS,
    never(
      'schema-is-a-leaf',
      { path: '^schema/' },
      { path: '^(src|schema|web|tests|bench|scripts)/', pathNot: '^schema/' },
      'the contract imports nothing outside itself',
    ),
    never(
      'one-file-knows-prom-client',
      { path: '^src/', pathNot: '^src/telemetry/counters\\.ts$' },
      { path: 'node_modules/prom-client' },
      'the library can be exchanged in one place',
    ),
    never(
      'pure-layers-touch-no-machine',
      {
        path: '^(schema/|src/(domain-xml|memory|policy/(decide|replay))/|src/common/(units|errors|typed)\\.ts$|src/api/coerce\\.ts$)',
      },
      CORE,
      'pure code runs anywhere',
    ),
    never(
      'no-packages-below',
      {
        path: '^(schema/|src/(memory|policy/(decide|replay)|libvirt)/|src/common/(?!validate)|src/api/coerce\\.ts$)',
      },
      PACKAGE,
      'the lowest floors need no package',
    ),
    never(
      'every-file-has-a-floor',
      { path: '^(src|web)/.*\\.tsx?$', pathNot: FLOORS.map(({ from }) => from.path) },
      {},
      'a folder without a rule could import anything',
    ),
    never('no-circles', {}, { circular: true }, 'one direction of dependency'),
    never('no-unknowns', {}, { couldNotResolve: true }, 'every import is found'),
    never(
      'few-packages-in-the-program',
      { path: '^(src|schema)/' },
      {
        path: 'node_modules/',
        pathNot: `node_modules/(${BUNDLED.join('|')})/`,
        dependencyTypesNot: ['type-only'],
      },
      'what is shipped contains few packages, each with a reason',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
