import { canonicalUuid } from '../../common/uuid.ts';
import { didYouMean } from './similar.ts';

/** A VM as people name it. */
export interface Named {
  readonly id: string;
  readonly name?: string;
}

/** Returns the VM that is meant, or why none is. */
export type Found<Vm> =
  | { readonly vm: Vm }
  | { readonly vm?: never; readonly reason: 'unknown' | 'ambiguous'; readonly message: string };

/** The part of a UUID that is shown where the whole one is too long. */
const shortId = (id: string): string => id.slice(0, 8);

/** The name of a VM for people, its id if it has none. */
export const nameOf = ({ name, id }: Named): string =>
  name === undefined || name === '' ? id : name;

/**
 * Finds the VM that a person names: by its UUID or name as it is, by its name in other capitals, or by the beginning
 * of either. An earlier way wins over a later one, so that a VM with the name `ab` is found beside one with the UUID
 * `ab…`.
 */
export function findVm<Vm extends Named>(word: string, vms: readonly Vm[]): Found<Vm> {
  const lower = word.toLowerCase();
  const uuid = canonicalUuid(word);
  const starts = (text: string): boolean => word !== '' && text.toLowerCase().startsWith(lower);
  const ways: ((vm: Vm) => boolean)[] = [
    ({ id }) => id === (uuid ?? lower),
    ({ name }) => name === word,
    ({ name }) => name?.toLowerCase() === lower,
    ({ id, name = '' }) => starts(name) || starts(id),
  ];
  for (const way of ways) {
    const candidates = vms.filter(way);
    const [vm] = candidates;
    if (vm) return candidates.length === 1 ? { vm } : ambiguous(word, candidates);
  }
  return unknown(word, vms);
}

const MOST_NAMED = 5;

function ambiguous(word: string, candidates: readonly Named[]): Found<never> {
  const named = candidates
    .slice(0, MOST_NAMED)
    .map((vm) => (nameOf(vm) === vm.id ? vm.id : `${nameOf(vm)} (${shortId(vm.id)})`));
  const more = candidates.length - named.length;
  const list = more > 0 ? `${named.join(', ')} and ${more} more` : joined(named);
  return {
    reason: 'ambiguous',
    message: `"${word}" may be ${list}; write more of the name or of the UUID.`,
  };
}

const joined = (words: readonly string[]): string =>
  `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;

function unknown(word: string, vms: readonly Named[]): Found<never> {
  const hint =
    didYouMean(
      word,
      vms.map((vm) => nameOf(vm)),
    ) || (vms.length === 0 ? ' The host has no VMs.' : ' See vmemctl list.');
  return { reason: 'unknown', message: `There is no VM "${word}".${hint}` };
}
