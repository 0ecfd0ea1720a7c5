import { readFileSync } from 'node:fs';
import { mutated } from './mutate.ts';
import type { Random } from './random.ts';
import { someText } from './text.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/domain-xml/${name}.xml`, import.meta.url), 'utf8');

/** Domains as libvirt and the engine write them. */
const REAL = ['live', 'engine', 'live.edited', 'live.metadata'].map(fixture);

const SIZES = ['0', '1', '1048576', '524288', '2097152', '4194304', '1', '64', '1024'];
const ODD_SIZES = [
  '',
  ' 12',
  '12 ',
  '-1',
  '+5',
  '0x10',
  '1e3',
  '1.5',
  '٣',
  '9'.repeat(30),
  '9'.repeat(300),
  '18446744073709551616',
  '9007199254740993',
  '\n1024\n',
];
const UNITS = ['KiB', 'MiB', 'GiB', 'k', 'kb', 'KB', 'b', 'bytes', 'byte', 'G', 'TiB', 'eib'];
const ODD_UNITS = ['', 'XiB', 'kib ', 'constructor', 'K', 'EiB', 'ZiB', 'kibibytes', 'İ'];
const UUIDS = [
  '6e2a1b0c-0000-4000-8000-000000000001',
  '6E2A1B0C00004000800000000000000A',
  '6e2a1b0c-0000-4000-8000-00000000000',
  '',
];

/** oVirt's keys in a domain's metadata. */
export const KEYS = [
  'minGuaranteedMemoryMb',
  'memGuaranteedSize',
  'balloonTarget',
  'balloonTargetMemory',
  'balloonStory',
  'memoryJobs',
  'ballooningEnabled',
  'launchPaused',
  'memStatsPeriod',
  'ownedUuid',
  'keptFor',
] as const;
const URI = 'http://ovirt.org/vm/1.0';

/** Returns the text of a domain, nearly that of a domain, or of something else that looks like XML. */
export function someDomain(random: Random): string {
  const text = random.chance(0.75) ? new Writer(random).document() : random.pick(REAL);
  return random.chance(0.25) ? mutated(text, random) : text;
}

const NAMED: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};
const allowed = (text: string): string => text.replace(/[^\t\n\r -\ud7ff\ue000-\ufffd]/g, '');

/** Writes XML in any of the ways that mean the same, and in some that mean nothing. */
class Writer {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  document(): string {
    const random = this.#random;
    const head = random.one(
      () => '',
      () => '',
      () => `<?xml version="1.0" encoding="UTF-8"?>\n`,
      () => random.pick(['\ufeff', '\n', '<?xml version="1.1"?>', '<?pi x?>', '<!-- a -->']),
      () => random.pick(['<!DOCTYPE domain>', '<!DOCTYPE a [<!ENTITY b "c">]>']),
    );
    return (
      head +
      this.#domain() +
      random.pick(random.chance(0.95) ? ['', '\n', '<!-- z -->', '<?p?>'] : ['x', '<a/>'])
    );
  }

  #domain(): string {
    const random = this.#random;
    const parts = [
      () => this.element('name', {}, this.text(random.pick(['vm1', 'a b', '../x', 'ü']))),
      () => this.element('uuid', {}, random.pick(UUIDS)),
      () => this.size('memory'),
      () => this.size('currentMemory'),
      () => this.size('maxMemory', { slots: this.number() }),
      () => this.element('vcpu', { current: this.number() }, this.number()),
      () => this.element('os', {}, this.element('type', { arch: 'x86_64', machine: 'q35' }, 'hvm')),
      () => this.element('features', {}, '<acpi/>'),
      () =>
        this.element(
          'cpu',
          {},
          this.element(
            'numa',
            {},
            this.some(() => this.#cell()),
          ),
        ),
      () =>
        this.element(
          'memtune',
          {},
          this.some(() => this.size('min_guarantee')),
        ),
      () =>
        this.element(
          'cputune',
          {},
          this.some(() =>
            this.element(random.pick(['quota', 'period', 'shares']), {}, this.number()),
          ),
        ),
      () =>
        this.element(
          'devices',
          {},
          this.some(() => this.#device()),
        ),
      () =>
        this.element(
          'metadata',
          {},
          this.some(() => this.#metadata()),
        ),
      () => this.stray(),
    ];
    const all = parts.filter(() => random.chance(0.9)).map((part) => part());
    const content = random.chance(0.05) ? [...all, ...all] : all;
    const name = random.chance(0.02) ? 'domainsnapshot' : 'domain';
    const scope = random.chance(0.3) ? { 'xmlns:ovirt-vm': URI } : {};
    return this.element(
      name,
      { type: random.pick(['kvm', 'qemu', 'test']), id: '1', ...scope },
      content.join(''),
    );
  }

  #cell(): string {
    return this.element('cell', {
      id: this.number(),
      cpus: '0-1',
      memory: this.number(),
      unit: this.unit(),
    });
  }

  #device(): string {
    const random = this.#random;
    return random.one(
      () => this.#memory(),
      () => this.#memory(),
      () =>
        this.element(
          'memballoon',
          {
            model: random.pick(['virtio', 'none', 'xen', '']),
            autodeflate: random.pick(['on', 'off', '1']),
          },
          this.some(() => this.element('stats', { period: this.number() })),
        ),
      () => this.element('disk', { type: 'file' }, `<source file='/a'/>`),
      () =>
        this.element('graphics', {
          type: random.pick(['vnc', 'spice', 'x']),
          port: this.number(),
          passwd: 'x',
        }),
      () => this.element('hostdev', { mode: 'subsystem' }, this.stray()),
      () => this.stray(),
    );
  }

  #memory(): string {
    const random = this.#random;
    const target = ['size', 'node', 'block', 'requested', 'current']
      .filter(() => random.chance(0.7))
      .map((name) => (name === 'node' ? this.element(name, {}, this.number()) : this.size(name)));
    return this.element(
      'memory',
      { model: random.pick(['dimm', 'virtio-mem', 'nvdimm', 'constructor']) },
      this.element('target', {}, target.join('')) +
        this.some(() => this.element('alias', { name: random.pick(['dimm0', 'ua-1', '', '"']) })) +
        this.some(() =>
          this.element('address', { type: 'dimm', slot: this.number(), base: '0x100000000' }),
        ),
    );
  }

  #metadata(): string {
    const random = this.#random;
    const prefix = random.pick(['ovirt-vm', 'ovirt-vm', 'o', '', 'xml']);
    const named = (name: string): string => (prefix === '' ? name : `${prefix}:${name}`);
    const declared =
      random.chance(0.8) ? { [prefix === '' ? 'xmlns' : `xmlns:${prefix}`]: URI } : {};
    const entries = random.list(6, () => {
      const key = random.pick(KEYS);
      const value = random.one(
        () => this.number(),
        () =>
          random.pick(['true', 'false', 'True', '{"version":2}', '{"version":9}', UUIDS[0] ?? '']),
        () => this.text(someText(random)),
      );
      return this.element(
        random.chance(0.9) ? named(key) : key,
        random.chance(0.5) ? { type: 'int' } : {},
        value,
      );
    });
    const foreign = random.list(3, () => this.stray());
    return random.chance(0.8) ?
        this.element(named('vm'), declared, [...entries, ...foreign].join(''))
      : this.stray();
  }

  size(name: string, attributes: Readonly<Record<string, string>> = {}): string {
    const unit = this.#random.chance(0.6) ? { unit: this.unit() } : {};
    return this.element(name, { ...unit, ...attributes }, this.number());
  }

  number(): string {
    const random = this.#random;
    return random.chance(0.98) ? random.pick(SIZES) : random.pick(ODD_SIZES);
  }

  unit(): string {
    const random = this.#random;
    return random.chance(0.98) ? random.pick(UNITS) : random.pick(ODD_UNITS);
  }

  /** What no program knows. */
  stray(): string {
    const random = this.#random;
    if (random.chance(0.06)) return this.#broken();
    return random.one(
      () =>
        this.element(
          random.pick(['x:y', 'a', '__proto__', 'constructor', 'ü', 'a.b-c', 'x:']),
          {},
          this.text(someText(random)),
        ),
      () => `<x:a xmlns:x='urn:x' x:b='1'><x:c/><d xmlns=''>${this.text('e')}</d></x:a>`,
      () => `<!--${random.pick(['', ' a ', '<a>', '&amp;', ']]>'])}-->`,
      () => `<![CDATA[${random.pick(['', '<a>&b;', ']]', ']]]]><![CDATA[>'])}]]>`,
      () => this.text(someText(random)),
      () => {
        const depth = random.pick([1, 2, 3, 30, 200, 300]);
        return '<b>'.repeat(depth) + '</b>'.repeat(depth);
      },
      () =>
        `<b ${Array.from({ length: random.below(40) }, (_, n) => `a${String(n)}="${String(n)}"`).join(' ')}/>`,
    );
  }

  /** Returns text as it stands in XML, mostly without characters that XML does not allow. */
  text(text: string): string {
    const random = this.#random;
    if (random.chance(0.005)) return text;
    if (random.chance(0.1) && !text.includes(']]>')) return `<![CDATA[${allowed(text)}]]>`;
    return this.#value(text);
  }

  #value(text: string): string {
    const random = this.#random;
    return allowed(text).replace(/[<>&'"\r]/g, (character) =>
      random.one(
        () => `&#${String(character.charCodeAt(0))};`,
        () => `&#x${character.charCodeAt(0).toString(16)};`,
        () => NAMED[character] ?? '&#13;',
      ),
    );
  }

  #broken(): string {
    const random = this.#random;
    return random.one(
      () => '<b>'.repeat(random.below(300)),
      () => `<!--${random.pick(['-', '--', ' -- '])}-->`,
      () => random.pick(['&', '&b;', '&amp', '&#0;', '&#xD800;', '&#x110000;', ']]>', '<', '</b>']),
      () => random.pick(['<b c=1/>', '<b c/>', '<b c="" c=""/>', '<1/>', '<b c="<"/>', '< b/>']),
    );
  }

  some(make: () => string): string {
    return this.#random.list(3, make).join('');
  }

  element(name: string, attributes: Readonly<Record<string, string>>, content = ''): string {
    const random = this.#random;
    const quote = random.pick(['"', "'"]);
    const space = random.chance(0.002) ? '' : random.pick([' ', ' ', ' ', '\n  ', '\t']);
    const given = Object.entries(attributes)
      .filter(() => random.chance(0.98))
      .map(
        ([key, value]) =>
          space + key + random.pick(['=', '=', ' = ']) + quote + this.#value(value) + quote,
      );
    const start = `<${name}${given.join('')}`;
    if (content === '' && random.chance(0.7)) return `${start}/>`;
    const layout = random.chance(0.3) ? '\n  ' : '';
    return `${start}>${layout}${content}${layout}</${name}>`;
  }
}
