/** Destinations by purpose; the defaults are those of VDSM and of its clients. */
export interface Queues {
  /** Destinations of requests, and prefixes of such: sub-topics are accepted. */
  readonly requests: readonly string[];
  /** Destination of replies without a reply-to. */
  readonly responses: string;
  readonly events: string;
}

export const defaultQueues: Queues = {
  requests: ['jms.topic.vdsm_requests', 'jms.topic.vdsm_irs_requests'],
  responses: 'jms.topic.vdsm_responses',
  events: 'jms.queue.events',
};

/** Returns whether a frame with this destination is a request. */
export const acceptsRequests = ({ requests }: Queues, destination: string): boolean =>
  requests.some((queue) => destination === queue || destination.startsWith(`${queue}.`));
