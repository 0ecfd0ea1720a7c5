/** A host as the user named it, and as it names itself, if that is known. */
export interface HostNames {
  readonly given: string;
  readonly own?: string | undefined;
}

/** Returns a short name for each host: its own, unless two have the same; otherwise how it was given. */
export function hostLabels(hosts: readonly HostNames[]): string[] {
  const own = hosts.map((host) => host.own);
  return hosts.map(({ given, own: name }) =>
    name !== undefined && own.filter((each) => each === name).length === 1 ?
      name
    : given.replace(/^wss?:\/\//, ''),
  );
}
