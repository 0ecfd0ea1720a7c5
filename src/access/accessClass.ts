/** What a client may do; each class includes those before it. */
export type AccessClass = 'read' | 'operate' | 'admin';

const RANK: Readonly<Record<AccessClass, number>> = { read: 0, operate: 1, admin: 2 };

/** Returns whether a client of class `granted` may do what needs the class `needed`. */
export const includes = (granted: AccessClass, needed: AccessClass): boolean =>
  RANK[granted] >= RANK[needed];

/** Returns the class that includes all others given; undefined if none is given. */
export const highest = (classes: readonly AccessClass[]): AccessClass | undefined =>
  classes.reduce<AccessClass | undefined>(
    (best, each) => (best !== undefined && includes(best, each) ? best : each),
    undefined,
  );
