import './build.mjs';
import { endAll, show } from './lib/run.mjs';

const { argv } = process;
const isDemo = argv.includes('--demo');
process.argv = argv.filter((argument) => argument !== '--demo');
const host = isDemo ? ['--connect', 'simulated'] : ['--default-connect', 'auto'];
process.argv.splice(2, 0, '--hints', ...host);
await import('../dist/vmemd/main.cjs');
if (isDemo) {
  // a daemon that cannot start, as another has its port, must not leave that one its guests
  process.once('exit', endAll);
  const listen = argv.indexOf('--listen');
  const address = listen < 0 ? [] : argv.slice(listen + 1, listen + 2);
  // it waits until the daemon answers, which is served until it ends
  void show('tsx', ['scripts/demo.ts', ...address]);
}
