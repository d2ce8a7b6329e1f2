import { type Change, changeJson, isLive, presentIn, type Snapshot } from '@presence/core'

/** Nobody's: what it tells is the same for all who listen. */
const NOBODY = ''

/** An event of a stream: a name, data on one line, and the id to come back with. */
export function eventText(event: string, data: object, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** A change as `presence watch --json` prints it. */
export function changeText(change: Change, id?: string): string {
  return eventText(change.event, changeJson(change, NOBODY), id)
}

/** Is it told to one who listens to this label? Whether the board is known concerns everybody. */
export function concerns(change: Change, label: string | undefined): boolean {
  return label === undefined || !('claim' in change) || change.claim.label === label
}

/**
 * What stands, as a watch begins: that the board is known, what had lapsed, what is live. The last event alone has the id,
 * so that one who is cut off before it is told all of it again.
 */
export function standingText(snapshot: Snapshot, label: string | undefined, id: string): string {
  const changes: readonly Change[] = [
    { event: 'known', at: snapshot.asOf, since: undefined, live: liveOf(snapshot, label), coClaims: [] },
    ...presentIn(snapshot).filter(change => concerns(change, label)),
  ]
  return changes.map((change, at) => changeText(change, at === changes.length - 1 ? id : undefined)).join('')
}

/** How many live claims there are, of one label or in all. */
export function liveOf({ asOf, claims }: Snapshot, label: string | undefined): number {
  return claims.filter(claim => isLive(claim, asOf) && (label === undefined || claim.label === label)).length
}
