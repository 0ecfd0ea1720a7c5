/** Destinations by their meaning; the defaults are those of VDSM and of every client of it. */
export interface Queues {
  /** Where requests are sent: to these, or to sub-topics of them. */
  readonly requests: readonly string[];
  /** Where replies go that no one named a destination for. */
  readonly responses: string;
  readonly events: string;
}

export const defaultQueues: Queues = {
  requests: ['jms.topic.vdsm_requests', 'jms.topic.vdsm_irs_requests'],
  responses: 'jms.topic.vdsm_responses',
  events: 'jms.queue.events',
};

/** Whether a frame sent there is a request. */
export const takesRequests = ({ requests }: Queues, destination: string): boolean =>
  requests.some((queue) => destination === queue || destination.startsWith(`${queue}.`));
