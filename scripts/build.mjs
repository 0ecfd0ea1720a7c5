import './lib/node.mjs';
import { build, install } from './lib/setup.mjs';

await install();
await build();
