import './build.mjs';

process.argv.splice(2, 0, '--hints', '--default-connect', 'auto');
await import('../dist/src/main.js');
