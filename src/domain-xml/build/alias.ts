/** Returns the alias that libvirt keeps from a client's XML: only names that begin with `ua-` are kept. */
export const userAlias = ({
  alias,
  deviceId,
}: {
  readonly alias?: string;
  readonly deviceId?: string;
}): string | undefined =>
  [alias, deviceId && `ua-${deviceId}`].find((name) => name && /^ua-[\w-]+$/.test(name));
