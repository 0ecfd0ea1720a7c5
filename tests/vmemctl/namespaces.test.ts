import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { contracts } from '../../src/client/contracts.ts';
import { NAMESPACES } from '../../src/vmemctl/vdsm/methods.ts';
import { startServer } from '../support/server.ts';
import { vmemctl } from './vmemctl.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const vms = [
  { id: ID, name: 'web1' },
  { id: '11111111-0000-4000-8000-000000000001', name: 'web2' },
];

let server: Awaited<ReturnType<typeof startServer>>;
let folder: string;
beforeAll(async () => {
  const echo = (params: object) => params;
  server = await startServer({
    'Host.getOverview': () => ({ vms }),
    'Host.getVMList': echo,
    'VM.setBalloonTarget': echo,
    'VM.setMemory': echo,
    'VM.create': echo,
  });
  folder = mkdtempSync(join(tmpdir(), 'vmemctl-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

const run = (words: string, options = {}) =>
  vmemctl(['-a', `127.0.0.1:${String(server.port)}`, ...words.split(' ')], options);

async function sent(words: string, options = {}): Promise<unknown> {
  const { exit, stdout, stderr } = await run(words, options);
  expect([exit, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

test('every method of the contract belongs to a namespace of the command line', () => {
  const named = Object.keys(contracts).map((name) => name.split('.')[0]);
  expect(new Set(named)).toEqual(new Set(NAMESPACES));
});

describe('params', () => {
  test('are sent as text, as vdsm-client sends them', async () => {
    expect(await sent(`VM setBalloonTarget vmID=${ID} target=786432`)).toEqual({
      vmID: ID,
      target: '786432',
    });
  });

  test.each([
    ['VM setBalloonTarget vmID=web1 target=2G', { vmID: ID, target: 2_097_152 }],
    ['VM setMemory vmID=WEB1 memory=1.5GiB wait=true', { vmID: ID, memory: 1536, wait: 'true' }],
    ['VM setMemory vmID=000 memory=512', { vmID: ID, memory: '512' }],
    ['Host getVMList vmList=["a"]', { vmList: ['a'] }],
    [`VM create vmID=${ID} vmParams={"a=b":1}`, { vmID: ID, vmParams: { 'a=b': 1 } }],
  ])('may be names, sizes with units, and JSON: %s', async (words, params) => {
    expect(await sent(words)).toEqual(params);
  });

  test('come from a file or standard input, and words win over them', async () => {
    const file = join(folder, 'params.json');
    writeFileSync(file, '{"vmID": "web2", "target": 1}');
    const vmID = vms[1]?.id;
    expect(await sent(`VM setBalloonTarget -f ${file}`)).toEqual({ vmID, target: 1 });
    const stdin = '{"vmID": "web2", "target": 1}';
    expect(await sent('VM setBalloonTarget target=5 -f -', { stdin })).toEqual({
      vmID,
      target: '5',
    });
  });
});

describe('help', () => {
  test('of a namespace names its methods', async () => {
    const { exit, stdout } = await run('VM --help');
    expect(exit).toBe(0);
    expect(stdout).toContain('Usage: vmemctl VM METHOD');
    expect(stdout).toMatch(/^ {2}setMemory +Grow or shrink/m);
  });

  test.each(['VM --help', 'VM setMemory --help', 'help VM setMemory'])(
    'is as wide as usual on a terminal that does not know its width: %s',
    async (line) => {
      const { stdout } = await run(line, { isTTY: true, columns: 0 });
      expect(stdout).toContain('Grow or shrink a running VM to this memory');
    },
  );

  test('of a method describes it, its params, and is a skeleton that its contract knows', async () => {
    const { exit, stdout } = await run('VM setMemory -h');
    expect(exit).toBe(0);
    expect(stdout).toContain('Usage: vmemctl VM setMemory vmID=… memory=… [name=value …]');
    expect(stdout).toMatch(/^ {2}memory +MiB/m);
    const skeleton = JSON.parse(stdout.slice(stdout.indexOf('{'))) as object;
    expect(Object.keys(skeleton).sort()).toEqual(
      Object.keys(contracts['VM.setMemory'].params.properties).sort(),
    );
  });

  test.each(Object.keys(contracts))('of %s can be printed', async (name) => {
    expect((await run(`${name.replace('.', ' ')} -h`)).exit).toBe(0);
  });
});

test.each([
  ['VM', 2, /^$/],
  [
    'VM setBaloonTarget',
    2,
    /^vmemctl: VM has no method "setBaloonTarget"\. Did you mean "setBalloonTarget"\?$/m,
  ],
  ['VM zzz', 2, /See vmemctl VM --help, or send it by vmemctl call\.$/m],
  ['VM setBalloonTarget vmID=web1', 2, /^vmemctl: VM\.setBalloonTarget needs target=…; see /],
  ['VM setBalloonTarget vmId=web1', 2, /has no param "vmId"\. Did you mean "vmID"\?$/m],
  ['VM setBalloonTarget web1', 2, /"web1" is no param; write vmemctl VM setBalloonTarget vmID=/],
  [
    'VM setBalloonTarget vmID=web1 target=2X',
    2,
    /^vmemctl: target: "2X" has no unit that is known/,
  ],
  ['VM setMemory vmID=web1 memory=1500K', 2, /^vmemctl: memory: 1500K is no whole number of MiB/],
  ['VM setBalloonTarget vmID=web target=1', 2, /"web" may be web1 .* or web2/],
  ['VM setBalloonTarget vmID=wen1 target=1', 1, /There is no VM "wen1"\. Did you mean "web1"\?$/m],
  ['VM setBalloonTarget -f /nonexistent', 2, /-f: \/nonexistent cannot be read/],
  ['Host getVMList vmList=[', 2, /^vmemctl: vmList: "\[" is no JSON/],
])('%s ends with status %s and a sentence', async (words, exit, sentence) => {
  const ran = await run(words);
  expect(ran).toMatchObject({ exit });
  expect(ran.stderr).toMatch(sentence);
});
