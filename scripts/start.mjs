import './lib/node.mjs';
import { build, install } from './lib/setup.mjs';

await install();
await build();
process.argv.splice(2, 0, '--hints', '--default-connect', 'auto');
await import('../dist/src/main.js');
