import { pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import type { Services } from '../../src/context.ts';
import { createDispatch } from '../../src/rpc/dispatch.ts';
import { EventBus } from '../../src/rpc/events.ts';
import { StompEndpoint } from '../../src/rpc/stomp/endpoint.ts';
import { loadVerbs } from '../../src/verbs.ts';
import { serve } from './listen.ts';

const log = pino({ level: 'info' });
const endpoint = new StompEndpoint({
  dispatch: createDispatch({
    verbs: await loadVerbs(),
    // Host.ping2 needs none of them
    services: {} as Services,
    signal: new AbortController().signal,
    log,
  }),
  events: new EventBus(),
  log,
  clock: systemClock,
});
serve((socket) => {
  endpoint.accept(socket);
});
