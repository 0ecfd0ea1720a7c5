import { announce } from '../run.mjs';
import { checkStack } from './checks.mjs';
import { checkHealth, runCompose, serveEngine } from './compose.mjs';

const SERVICES = ['libvirt', 'vmemd', 'page', 'guests', 'prometheus'];

// Runs in namespaces of its own, which end whatever is left of it.
const [program] = process.argv.slice(2);
const compose = runCompose(program);
await serveEngine();
const ended = new AbortController();
const healthy = checkHealth(ended.signal);
try {
  await compose('down', '--volumes', '--timeout=5');
  await announce('Starting the services', () =>
    compose('up', '--detach', '--no-build', ...SERVICES),
  );
  await checkStack();
} catch (error) {
  console.error(error.message);
  console.error(await compose('logs', '--tail=20').catch(({ message }) => message));
  process.exitCode = 1;
}
ended.abort();
await healthy;
await compose('down', '--volumes', '--timeout=5').catch(({ message }) => console.error(message));
// the engine is served until the namespace ends
process.exit();
