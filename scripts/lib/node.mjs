// Imported before anything that an old Node would stumble over.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`vmemd needs Node.js 20.19 or later, and this is ${process.versions.node}.`);
  process.exit(1);
}

// without a listener Node opens its debugger on this signal
process.on('SIGUSR1', () => undefined);
