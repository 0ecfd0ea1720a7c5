import { systemClock } from '../../src/common/clock.ts';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';
import { openServer, type Server, type ServerOptions } from '../../src/server/server.ts';
import { openAccess } from './access.ts';
import { silent } from './call.ts';

/** Opens a server of this machine with small limits, which calls no verb and has no pages and no certificates. */
export const openTestServer = (options: Partial<ServerOptions> = {}): Promise<Server> =>
  openServer({
    call: () => Promise.reject(new Error('not called')),
    dispatch: () => undefined,
    events: new EventBus(),
    log: silent,
    clock: systemClock,
    addresses: ['127.0.0.1'],
    port: 0,
    ssl: true,
    pkiPath: '/nonexistent',
    verifyClient: false,
    access: openAccess,
    unixSocket: undefined,
    originPolicy: {},
    maxMessage: 2048,
    maxFrame: 1024,
    maxUnread: 65_536,
    dashboard: { folder: undefined, actions: false },
    pages: {},
    ...options,
  });
