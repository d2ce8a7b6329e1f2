import { type Change, isLive } from '@presence/core'
import { changeJson, presentIn, type Snapshot } from '@presence/core/internal'

/** A server-sent event: a name, data on one line, and the id to resume from. */
export function eventText(event: string, data: object, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** A change as `presence watch --json` prints it. */
export function changeText(change: Change, id?: string): string {
  return eventText(change.event, changeJson(change), id)
}

/**
 * Whether a change is for a listener to this label.
 * Changes that are not about a claim are for every listener.
 */
export function concerns(change: Change, label: string | undefined): boolean {
  return label === undefined || !('claim' in change) || change.claim.label === label
}

/**
 * The present state in the order in which a watch begins: that the board is known, lapsed claims, live
 * claims. Only the last event has an id. So a client that is cut off earlier is sent everything again.
 */
export function standingText(snapshot: Snapshot, label: string | undefined, id: string): string {
  const changes: readonly Change[] = [
    { event: 'known', at: snapshot.asOf, since: undefined, live: liveOf(snapshot, label), coClaims: [] },
    ...presentIn(snapshot).filter(change => concerns(change, label)),
  ]
  return changes.map((change, at) => changeText(change, at === changes.length - 1 ? id : undefined)).join('')
}

/** How many live claims there are, on one label or in total. */
export function liveOf({ asOf, claims }: Snapshot, label: string | undefined): number {
  return claims.filter(claim => isLive(claim, asOf) && (label === undefined || claim.label === label)).length
}
