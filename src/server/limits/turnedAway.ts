/** Why clients are turned away: the `event` of the log's line about it, and the reason in the metric. */
export const turnedAway = [
  'handshake_failed',
  'message_unfinished',
  'no_access',
  'no_place',
  'not_encrypted',
  'not_reading',
  'protocol_not_served',
  'protocol_violated',
  'silent',
] as const;

type Reason = (typeof turnedAway)[number];

/** Returns the facts of a log line about a client that is turned away. */
export const away = <T extends object>(
  event: Reason,
  facts: T,
): T & { readonly event: Reason } => ({
  event,
  ...facts,
});
