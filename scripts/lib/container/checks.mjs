import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { output } from './engine.mjs';

const GUESTS = ['batch', 'database', 'web'];
const ATTEMPTS = 60;
const BETWEEN_MS = 2000;

/** Looks at the running services as a user does; throws at the first that is not as it should be. */
export async function checkStack() {
  const podman = (...args) => output('podman', args);
  const within = (...args) => podman('exec', 'vmemd-vmemd-1', ...args);
  const names = async () => (await within('vmemctl', 'list', '--names')).split('\n').sort();
  const ids = async () => {
    const vms = JSON.parse(await within('vmemctl', '--json', 'call', 'Host.getVMList'));
    return vms.map(({ vmId }) => vmId).sort();
  };
  const checks = {
    'vmemd is healthy': () => podman('healthcheck', 'run', 'vmemd-vmemd-1'),
    'vmemd is not root, and has no capabilities': async () => {
      assert.equal(await within('id', '-u'), '10001');
      assert.match(await within('cat', '/proc/self/status'), /^CapBnd:\s0+$/m);
    },
    'the guests run': async () => {
      assert.deepEqual(await names(), GUESTS);
      const vms = JSON.parse(await within('vmemctl', '--json', 'call', 'Host.getAllVmStats'));
      assert.deepEqual([...new Set(vms.map(({ status }) => status))], ['Up']);
    },
    'the guests report their memory': async () => {
      const figures = await query(
        'vmemd_vm_info * on (domain) libvirt_domain_memory_stats_usable_bytes',
      );
      assert.deepEqual(figures.map(({ metric }) => metric.domain).sort(), GUESTS);
    },
    'the page is served': async () => {
      const reply = await fetch('http://localhost:54321/', { headers: { accept: 'text/html' } });
      assert.equal(reply.status, 200);
      assert.match(await reply.text(), /<script/);
    },
    'who comes through the published port may look, and no more': async () => {
      assert.equal((await fetch('http://localhost:54321/api/vms')).status, 200);
      const [vmId] = await ids();
      const headers = { 'content-type': 'application/json' };
      const url = `http://localhost:54321/api/vms/${vmId}/shutdown`;
      assert.equal((await fetch(url, { method: 'POST', headers, body: '{}' })).status, 403);
    },
    'ports are published on loopback only': async () => {
      const ports = await podman('port', '--all');
      assert.ok(ports.length > 0);
      assert.deepEqual(
        ports.split('\n').filter((line) => !line.includes('-> 127.0.0.1:')),
        [],
      );
    },
    'Prometheus reads the metrics and the alerts': async () => {
      const [up] = await query('up{job="vmemd"}');
      assert.equal(up?.value[1], '1');
      const { data } = await json('http://localhost:9090/api/v1/rules');
      assert.ok(data.groups.flatMap(({ rules }) => rules).length > 10);
    },
    'the policy sees the processes of the guests': async () => {
      const programs = (await within('sh', '-c', 'cat /proc/[0-9]*/comm')).split('\n');
      assert.equal(programs.filter((name) => name.startsWith('qemu-system')).length, GUESTS.length);
    },
    'SIGTERM ends vmemd, and the guests run on': async () => {
      const before = await ids();
      await podman('stop', '--time=30', 'vmemd-vmemd-1');
      // one that had to be killed has 137
      assert.equal(await podman('inspect', '--format={{.State.ExitCode}}', 'vmemd-vmemd-1'), '0');
      await podman('start', 'vmemd-vmemd-1');
      await eventually(async () => assert.deepEqual(await ids(), before));
    },
  };
  for (const [name, check] of Object.entries(checks)) {
    try {
      await eventually(check);
    } catch (error) {
      throw new Error(`FAILED ${name}: ${error.message}`, { cause: error });
    }
    console.log(`ok     ${name}`);
  }
}

const json = async (url) => (await fetch(url)).json();

async function query(text) {
  const url = `http://localhost:9090/api/v1/query?query=${encodeURIComponent(text)}`;
  return (await json(url)).data.result;
}

/** Repeats what throws, for two minutes: guests boot, and figures are scraped. */
async function eventually(check) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await check();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
    await pause(BETWEEN_MS);
  }
}
