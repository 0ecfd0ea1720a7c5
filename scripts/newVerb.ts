import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { format, resolveConfig } from 'prettier';
import { version } from '../src/common/version.ts';
import { verbFiles } from './lib/verbFiles.ts';

const root = join(import.meta.dirname, '..');

interface Options {
  readonly access: string;
  readonly changes: readonly string[];
  readonly description: string;
}

const program = new Command('npm run new:verb --')
  .description(
    'Write the contract, the handler, the test and the fixture of a new verb. Its tests fail until they are filled in.',
  )
  .argument('<name>', 'the name on the wire: VM.doSomething or Host.doSomething')
  .addOption(
    new Option('--access <class>', 'the class that a client needs')
      .choices(['read', 'operate', 'admin'])
      .makeOptionMandatory(),
  )
  .option('--changes <names...>', 'what it changes, by the names of src/api/changes.ts', [])
  .requiredOption('--description <sentence>', 'what it does, as "Return …" or "Set …"')
  .exitOverride()
  .action(write);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) console.error((error as Error).message);
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
}

async function write(name: string, { access, changes, description }: Options): Promise<void> {
  if (!/^(VM|Host)\.[a-z][A-Za-z0-9]*$/.test(name)) {
    throw new Error(`${name} is no name of a verb; give one as VM.doSomething or Host.doSomething`);
  }
  if (access === 'read' && changes.length > 0) {
    throw new Error(
      'a verb of the class read changes nothing; give --access operate, or no --changes',
    );
  }
  if (access !== 'read' && changes.length === 0) {
    throw new Error(
      `a verb of the class ${access} changes something; say what by --changes, as --changes memory_kib`,
    );
  }
  const files = verbFiles({ name, access, changes, description, since: version() });
  const present = Object.keys(files).filter((path) => existsSync(join(root, path)));
  if (present.length > 0) {
    throw new Error(`${name} exists: ${present.join(', ')}; choose another name`);
  }
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    const options = { ...(await resolveConfig(file)), filepath: file };
    writeFileSync(file, await format(text, options), { flag: 'wx' });
  }
  console.log(nextSteps(name, Object.keys(files)));
}

function nextSteps(name: string, [contract, handler, test, fixture]: readonly string[]): string {
  return `Written. Fill in, in this order:
  ${contract}: params, result and errors; raise the stability when clients may rely on it
  ${test}: what it returns and changes; red until the handler is written
  ${handler}: what it does
  ${fixture}: exchanges that clients see, with an error each; replayed by tests/contract/exchanges.test.ts
Then: npm run generate, and npm test -- ${name} tests/contract`;
}
