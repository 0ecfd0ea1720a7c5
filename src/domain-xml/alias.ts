/** Returns whether libvirt keeps this alias from a client's XML; it replaces any other by one of its own choice. */
export const isUserAlias = (alias: string | undefined): boolean =>
  alias !== undefined && /^ua-[\w-]*$/.test(alias);
