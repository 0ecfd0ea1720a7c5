import { beforeEach, expect, test } from '@jest/globals';
import type { Caller, CallOptions } from '../../src/libvirt/caller.ts';
import { Domain } from '../../src/libvirt/domain.ts';

const dom = { name: '', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: -1 };
const options = { timeout: 7 };

let asked: { name: string; number: number; args: unknown; options: CallOptions | undefined }[];
let answer: unknown;
let domain: Domain;

beforeEach(() => {
  asked = [];
  const call: Caller['call'] = ({ name, number }, args, given) => {
    asked.push({ name, number, args, options: given });
    return Promise.resolve(answer as never);
  };
  domain = new Domain({ call }, dom);
});

test.each<[string, number, (d: Domain) => Promise<unknown>, object]>([
  ['getInfo', 16, (d) => d.getInfo(options), {}],
  ['getState', 212, (d) => d.getState(options), { flags: 0 }],
  ['getControlInfo', 229, (d) => d.getControlInfo(options), { flags: 0 }],
  ['getXMLDesc', 14, (d) => d.getXMLDesc(2, options), { flags: 2 }],
  ['createWithFlags', 196, (d) => d.createWithFlags(1, options), { flags: 1 }],
  ['undefineFlags', 231, (d) => d.undefineFlags(4, options), { flags: 4 }],
  ['destroyFlags', 234, (d) => d.destroyFlags(1, options), { flags: 1 }],
  ['shutdownFlags', 258, (d) => d.shutdownFlags(0, options), { flags: 0 }],
  ['reboot', 27, (d) => d.reboot(0, options), { flags: 0 }],
  ['reset', 245, (d) => d.reset(options), { flags: 0 }],
  ['suspend', 34, (d) => d.suspend(options), {}],
  ['resume', 28, (d) => d.resume(options), {}],
  ['setMemoryFlags', 204, (d) => d.setMemoryFlags(512, 1, options), { size: 512, flags: 1 }],
  [
    'setMemoryStatsPeriod',
    308,
    (d) => d.setMemoryStatsPeriod(5, 1, options),
    { period: 5, flags: 1 },
  ],
  [
    'setSchedulerParametersFlags',
    219,
    (d) =>
      d.setSchedulerParametersFlags([{ field: 'vcpu_quota', type: 3, value: -1n }], 1, options),
    { parameters: [{ field: 'vcpu_quota', type: 3, value: -1n }], flags: 1 },
  ],
  [
    'getMetadata',
    265,
    (d) => d.getMetadata({ type: 2, uri: 'u' }, 0, options),
    { type: 2, uri: 'u', flags: 0 },
  ],
  [
    'setMetadata',
    264,
    (d) => d.setMetadata({ type: 2, metadata: '<v/>', key: 'k', uri: 'u' }, 3, options),
    { type: 2, metadata: '<v/>', key: 'k', uri: 'u', flags: 3 },
  ],
  [
    'attachDeviceFlags',
    160,
    (d) => d.attachDeviceFlags('<x/>', 1, options),
    { xml: '<x/>', flags: 1 },
  ],
  [
    'detachDeviceFlags',
    161,
    (d) => d.detachDeviceFlags('<x/>', 1, options),
    { xml: '<x/>', flags: 1 },
  ],
  [
    'updateDeviceFlags',
    174,
    (d) => d.updateDeviceFlags('<x/>', 1, options),
    { xml: '<x/>', flags: 1 },
  ],
  [
    'detachDeviceAlias',
    392,
    (d) => d.detachDeviceAlias('dimm0', 1, options),
    { alias: 'dimm0', flags: 1 },
  ],
])('%s is procedure %i', async (_, number, call, args) => {
  answer = 'answer';
  expect(await call(domain)).toBe('answer');
  expect(asked).toMatchObject([{ number, args: { dom, ...args }, options }]);
});

test('getCpuStats is procedure 262, and returns the figures by name', async () => {
  answer = { parameters: [{ field: 'user_time', type: 4, value: 7n }], count: 1 };
  expect(await domain.getCpuStats(options)).toEqual(new Map([['user_time', 7n]]));
  const args = { dom, count: 16, startCpu: -1, cpus: 1, flags: 0 };
  expect(asked).toMatchObject([{ number: 262, args, options }]);
});

test('getJobStats is procedure 298, and returns the type of the job and its figures by name', async () => {
  answer = { type: 2, parameters: [{ field: 'operation', type: 1, value: 5 }] };
  const figures = new Map([['operation', 5]]);
  expect(await domain.getJobStats(options)).toEqual({ type: 2, figures });
  expect(asked).toMatchObject([{ number: 298, args: { dom, flags: 0 }, options }]);
});

test.each([
  [1, true],
  [0, false],
])('reply %i to isPersistent means %s', async (reply, isPersistent) => {
  answer = reply;
  expect(await domain.isPersistent(options)).toBe(isPersistent);
  expect(asked).toMatchObject([{ number: 151, args: { dom }, options }]);
});

test('memory statistics are keyed by tag', async () => {
  answer = [{ tag: 6, value: 2n ** 60n }];
  expect(await domain.memoryStats(options)).toEqual(new Map([[6, 2n ** 60n]]));
  expect(asked).toMatchObject([{ number: 159, args: { dom, flags: 0 }, options }]);
});

test('CPU times are keyed by name, of all CPUs together', async () => {
  answer = { parameters: [{ field: 'user_time', type: 4, value: 7n }] };
  expect(await domain.getCpuStats(options)).toEqual(new Map([['user_time', 7n]]));
  const args = { dom, count: 16, startCpu: -1, cpus: 1, flags: 0 };
  expect(asked).toMatchObject([{ number: 262, args, options }]);
});
