import { MiB } from '../units.ts';

/** Devices that a guest was asked to give back, by alias, with the guarantee to set when they are gone. */
export type PendingUnplugs = ReadonlyMap<string, MiB | undefined>;

/** As it is kept in the metadata: `dimm0=600 dimm1=`. */
export const formatUnplugs = (pending: PendingUnplugs): string =>
  [...pending].map(([alias, guarantee]) => `${alias}=${String(guarantee ?? '')}`).join(' ');

/** Reads what {@link formatUnplugs} wrote; what else stands there is passed over. */
export const parseUnplugs = (text: string): Map<string, MiB | undefined> =>
  new Map(
    [...text.matchAll(/(?<=^|\s)([\w-]+)=(\d*)(?=\s|$)/g)].map(([, alias = '', guarantee]) => [
      alias,
      guarantee ? MiB(Number(guarantee)) : undefined,
    ]),
  );
