import type { AccessSettings, Grant } from '../../src/access/grant.ts';
import type { Admission } from '../../src/server/port/port.ts';

export const asAdmin: Grant = { access: 'admin' };

/** Everybody may do everything, as on a simulated host. */
export const openAccess: AccessSettings = {
  rules: { read: [], operate: [], admin: [] },
  certificate: 'admin',
  localUsers: [],
  local: 'admin',
  unixSocket: 'admin',
  unnamed: 'admin',
  ownUid: process.getuid?.(),
};

export const openAdmission: Admission = {
  dependsOnUser: false,
  local: () => asAdmin,
  certificate: () => asAdmin,
  unixSocket: asAdmin,
  plain: asAdmin,
};
