/**
 * The names of a follower's events, without outages that follow directly on an outage: once a server is back, a
 * look may still time out on a busy machine, and then the board is unknown once more.
 */
export function withoutRepeats(events: readonly string[]): readonly string[] {
  return events.filter((event, at) => !/^(unknown|known)$/.test(event) || events[at - 2] !== event)
}
