import type { Client } from '../../client/index.ts';
import { canonicalUuid } from '../../common/uuid.ts';
import { CommandError, Exit } from '../exit.ts';
import { findVm } from '../names/findVm.ts';

/** Returns the UUID of a VM that is named by it, by its name, or by the beginning of either; throws {@link CommandError}. */
export async function vmIdOf(client: Client, word: string): Promise<string> {
  if (canonicalUuid(word) !== undefined) return word;
  const { vms } = await client.call('Host.getOverview');
  const found = findVm(word, vms);
  if (found.vm) return found.vm.id;
  throw new CommandError(found.message, found.reason === 'ambiguous' ? Exit.usage : Exit.failed);
}
