import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Services } from '../../src/api/context.ts';
import { loadVerbs } from '../../src/api/loadVerbs.ts';
import { createCall } from '../../src/jsonrpc/call.ts';

const CHANGING = [
  'Host.releaseMemory',
  'Host.reserveMemory',
  'Host.setKsmTune',
  'Host.setLogLevel',
  'Host.setMOMPolicy',
  'Host.setMOMPolicyParameters',
  'Host.setPolicy',
  'VM.cont',
  'VM.create',
  'VM.destroy',
  'VM.hotplugMemory',
  'VM.hotunplugMemory',
  'VM.pause',
  'VM.reset',
  'VM.setBalloonTarget',
  'VM.setCpuTunePeriod',
  'VM.setCpuTuneQuota',
  'VM.setGuaranteedMemory',
  'VM.setMemory',
  'VM.setMemoryStatsPeriod',
  'VM.setNextRun',
  'VM.shutdown',
  'VM.updateVmPolicy',
];

test('a read-only vmemd refuses the verbs that change something, and no others', async () => {
  const verbs = await loadVerbs();
  const call = createCall({
    verbs,
    services: {} as Services,
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
    isReadOnly: true,
  });
  const caller = { peer: { access: 'admin' } as never, outstanding: 0 };
  const refused: string[] = [];
  for (const name of verbs.keys()) {
    const outcome = await call(name, {}, { caller }, String);
    if (outcome.ok || outcome.error.code !== 75) continue;
    refused.push(name);
    expect(outcome.error.message).toContain('read-only');
  }
  expect(refused.toSorted()).toEqual(CHANGING);
});
