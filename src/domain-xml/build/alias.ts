/** The alias libvirt keeps for us: only names that begin with ua- are the user's to give. */
export const userAlias = ({
  alias,
  deviceId,
}: {
  readonly alias?: string;
  readonly deviceId?: string;
}): string | undefined =>
  [alias, deviceId && `ua-${deviceId}`].find((name) => name && /^ua-[\w-]+$/.test(name));
