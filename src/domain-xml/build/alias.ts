import { isUserAlias } from '../alias.ts';

/** Returns the alias of a device that libvirt keeps: the client's, or one made of its id. */
export const userAlias = ({
  alias,
  deviceId,
}: {
  readonly alias?: string;
  readonly deviceId?: string;
}): string | undefined => [alias, deviceId && `ua-${deviceId}`].find(isUserAlias);
