import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openMom } from '../../../src/policy/mom/openMom.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { recorder } from '../../support/call.ts';
import { useMom } from '../../support/fakeMom.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const fixture = useMom();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-mom-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function started(socket_path = fixture.mom.path) {
  const clock = new VirtualClock();
  const { lines, log } = recorder();
  const parameters_path = join(folder, 'mom-parameters.json');
  return { mom: await openMom({ socket_path, parameters_path }, clock, log), clock, lines };
}

test('a MoM that connects after a restart of vmemd gets the parameters set before it', async () => {
  const before = await started();
  await before.mom.setParameters({ balloonEnabled: true });
  await before.mom.setParameters({ ksmEnabled: false });
  fixture.mom.calls.length = 0;

  const { mom, clock, lines } = await started();
  expect(mom.parameters).toEqual({ balloonEnabled: true, ksmEnabled: false });
  mom.greet({});
  await clock.advance(Milliseconds(3000));
  await until(() => fixture.mom.calls.length === 1);
  expect(fixture.mom.calls[0]?.params).toEqual([
    '01-parameters',
    '(set balloonEnabled True)\n(set ksmEnabled False)',
  ]);
  expect(lines).toEqual([]);
});

test('parameters are kept while MoM is not reachable', async () => {
  await fixture.mom.stop();
  await (await started()).mom.setParameters({ balloonEnabled: true });
  expect((await started()).mom.parameters).toEqual({ balloonEnabled: true });
});

test('without a MoM no file is read or written', async () => {
  await (await started()).mom.setParameters({ balloonEnabled: true });
  await rm(join(folder, 'mom-parameters.json'));
  const { mom } = await started('');
  await mom.setParameters({ ksmEnabled: true });
  expect(await readdir(folder)).toEqual([]);
  expect(await mom.isActive()).toBe(false);
});
