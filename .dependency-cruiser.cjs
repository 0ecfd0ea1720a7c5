/** What anybody may import: the contract and the vocabulary of units, errors, time and types. */
const COMMON = ['^schema/', '^src/(units|errors|clock|schema)\\.ts$'];

/** A layer that may import, of the project's own files, itself and these. */
const layer = (name, from, allowed, because) => ({
  name,
  comment: because,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|schema|web|tests|bench|scripts)/', pathNot: [from, ...allowed] },
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
    layer('schema-is-a-leaf', '^schema/', [], 'the contract imports nothing outside itself'),
    layer('units-import-nothing', '^src/(units|errors)\\.ts$', [], 'the vocabulary has no needs'),
    layer('clock-knows-units', '^src/clock\\.ts$', ['^src/units\\.ts$'], 'time has a unit'),
    layer('schema-types-know-units', '^src/schema\\.ts$', ['^src/units\\.ts$'], 'branded formats'),
    layer('domain-xml-is-pure', '^src/domain-xml/', COMMON, 'XML in, XML out'),
    layer(
      'memory-is-pure',
      '^src/memory/',
      [...COMMON, '^src/domain-xml/types\\.ts$'],
      'decisions without a machine',
    ),
    layer('libvirt-stands-alone', '^src/libvirt/', [], 'it could be published by itself'),
    layer(
      'host-below-vm',
      '^src/host/',
      [...COMMON, '^src/libvirt/', '^src/domain-xml/'],
      'a hypervisor knows neither VMs nor verbs',
    ),
    layer(
      'vm-sees-the-seam',
      '^src/vm/',
      [...COMMON, '^src/validate\\.ts$', '^src/host/hypervisor\\.ts$', '^src/(domain-xml|memory)/'],
      'what a VM is does not depend on which hypervisor runs it',
    ),
    layer(
      'policy-below-verbs',
      '^src/policy/',
      [...COMMON, '^src/(vm|memory)/', '^src/host/hypervisor\\.ts$'],
      'the policy decides on VMs',
    ),
    layer(
      'verbs-are-thin',
      '^src/verbs/',
      [
        ...COMMON,
        '^src/(verb|context|openrpc)\\.ts$',
        '^src/host/hypervisor\\.ts$',
        '^src/(vm|memory|policy|domain-xml)/',
      ],
      'a handler knows neither the wire nor libvirt',
    ),
    layer(
      'rpc-knows-verbs-as-a-map',
      '^src/rpc/(?!rest/)',
      [
        ...COMMON,
        '^src/(coerce|context|loopback|verb)\\.ts$',
        '^src/telemetry/',
        '^src/rpc/rest/rest\\.ts$',
      ],
      'a transport carries any verb',
    ),
    layer(
      'rest-is-a-client',
      '^src/rpc/rest/',
      [...COMMON, '^src/context\\.ts$', '^src/rpc/', '^src/domain-xml/'],
      'it asks verbs as every client does, and reads and writes XML as the domain layer does',
    ),
    layer(
      'telemetry-observes',
      '^src/telemetry/',
      [...COMMON, '^src/config\\.ts$', '^src/(vm|memory|policy)/', '^src/host/hypervisor\\.ts$'],
      'a meter moves nothing',
    ),
    never(
      'one-file-meters',
      { path: '^src/', pathNot: '^src/telemetry/meters\\.ts$' },
      { path: 'node_modules/prom-client' },
      'the library that meters is changed in one place',
    ),
    never(
      'service-alone-wires',
      { path: '^src/', pathNot: ['^src/service\\.ts$', '^src/host/', '^src/rpc/'] },
      { path: ['^src/host/(libvirt|simulated)/', '^src/rpc/'] },
      'the composition root builds the parts',
    ),
    never(
      'hosts-are-apart',
      { path: '^src/host/(libvirt|simulated)/' },
      { path: '^src/host/(libvirt|simulated)/', pathNot: '^src/host/$1/' },
      'one hypervisor does not know the other',
    ),
    never(
      'nobody-imports-the-top',
      { path: '^src/', pathNot: ['^src/main\\.ts$', '^src/cli/'] },
      { path: '^src/(main\\.ts$|service\\.ts$|cli/)' },
      'the staircase goes down',
    ),
    never(
      'pure-layers-touch-no-machine',
      { path: '^(schema/|src/(domain-xml|memory)/|src/(units|errors|schema|coerce)\\.ts$)' },
      CORE,
      'pure code runs anywhere',
    ),
    never(
      'no-packages-below',
      { path: '^(schema/|src/(memory|libvirt)/|src/(units|errors|clock|schema|coerce)\\.ts$)' },
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
