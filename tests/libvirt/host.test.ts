import { beforeEach, expect, test } from '@jest/globals';
import type { Caller, CallOptions } from '../../src/libvirt/caller.ts';
import { Host } from '../../src/libvirt/host.ts';

const dom = { name: 'a', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 };
const options = { timeout: 7 };

let asked: { number: number; args: unknown; options: CallOptions | undefined }[];
let answers: unknown[];
let host: Host;

beforeEach(() => {
  asked = [];
  answers = [];
  const call: Caller['call'] = ({ number }, args, given) => {
    asked.push({ number, args, options: given });
    return Promise.resolve(answers.shift() as never);
  };
  host = new Host({ call });
});

test.each<[string, number, (h: Host) => Promise<unknown>, unknown]>([
  ['getType', 3, (h) => h.getType(options), undefined],
  ['getVersion', 4, (h) => h.getVersion(options), undefined],
  ['getLibVersion', 157, (h) => h.getLibVersion(options), undefined],
  ['getHostname', 59, (h) => h.getHostname(options), undefined],
  ['getURI', 110, (h) => h.getURI(options), undefined],
  ['getCapabilities', 7, (h) => h.getCapabilities(options), undefined],
  ['nodeGetInfo', 6, (h) => h.nodeGetInfo(options), undefined],
  [
    'getDomainCapabilities',
    342,
    (h) => h.getDomainCapabilities({ arch: 'x86_64' }, options),
    { emulator: undefined, arch: 'x86_64', machine: undefined, virtType: undefined, flags: 0 },
  ],
  ['nodeGetFreeMemory', 102, (h) => h.nodeGetFreeMemory(options), undefined],
])('%s is procedure %i', async (_, number, call, args) => {
  answers = ['answer'];
  expect(await call(host)).toBe('answer');
  expect(asked).toEqual([{ number, args, options }]);
});

test.each<[string, number, (h: Host) => Promise<unknown>, unknown]>([
  ['domainLookupByName', 23, (h) => h.domainLookupByName('a', options), 'a'],
  ['domainLookupByUUID', 24, (h) => h.domainLookupByUUID(dom.uuid, options), dom.uuid],
  [
    'domainDefineXMLFlags',
    350,
    (h) => h.domainDefineXMLFlags('<d/>', 0, options),
    { xml: '<d/>', flags: 0 },
  ],
  ['domainCreateXML', 10, (h) => h.domainCreateXML('<d/>', 1, options), { xml: '<d/>', flags: 1 }],
])('%s is procedure %i and returns a domain', async (_, number, call, args) => {
  answers = [dom];
  expect(await call(host)).toMatchObject(dom);
  expect(asked).toEqual([{ number, args, options }]);
});

test('a list of domains has their references', async () => {
  answers = [{ domains: [dom], count: 1 }];
  expect(await host.listAllDomains(4, options)).toEqual([dom]);
  expect(asked).toEqual([{ number: 273, args: { needResults: 1, flags: 4 }, options }]);
});

test('bulk statistics are keyed by name', async () => {
  const parameters = [{ field: 'state.state', type: 1, value: 5 }];
  answers = [[{ domain: dom, parameters }]];
  expect(await host.getAllDomainStats([dom], { stats: 1, flags: 0 }, options)).toEqual([
    { domain: dom, values: new Map([['state.state', 5]]) },
  ]);
  expect(asked).toEqual([{ number: 344, args: { doms: [dom], stats: 1, flags: 0 }, options }]);
});

test('the host’s memory is read with as many values as the daemon has', async () => {
  answers = [
    { values: [], count: 4 },
    { values: [{ field: 'free', value: 9 }], count: 4 },
  ];
  expect(await host.nodeGetMemoryStats(options)).toEqual(new Map([['free', 9]]));
  expect(asked.map(({ args }) => args)).toEqual([
    { count: 0, cell: -1, flags: 0 },
    { count: 4, cell: -1, flags: 0 },
  ]);
});

test('the calls on a domain need its UUID only', () => {
  expect(host.domain(dom.uuid)).toEqual({ name: '', uuid: dom.uuid, id: -1 });
});
