import { momentOf } from '../domain/claim.ts'
import { decisionIn, type EventName, type HistoryEvent } from '../domain/history.ts'
import { type ClaimJson, type PlaceJson, placeJson, sessionOfJson } from './claim.ts'

/** An event of the history, with the keys of a claim where it says the same. */
export interface EventJson extends Pick<ClaimJson, 'session_id' | 'user' | 'host' | 'agent_name'> {
  /** What happened. */
  readonly event: EventName
  /** When it happened: ISO 8601 in UTC with milliseconds. */
  readonly at: string
  /** The label that it happened on. */
  readonly resource_label: string
  /** The purpose of the claim. */
  readonly purpose: string
  /** Null for a refused token and for a decision of the guard, which are about no claim. */
  readonly mode: 'shared' | 'exclusive' | null
  /** The fencing token of an exclusive claim. */
  readonly token: number | null
  /** Where the session works. */
  readonly place: PlaceJson
  /** The other sessions that the event concerns. */
  readonly others: readonly string[]
  /** The reason that the session gave. */
  readonly note: string | null
  /** True if the event is about a claim that the guard made. */
  readonly auto?: boolean
}

/**
 * An event of the history as JSON, with the same keys as in every other interface of presence.
 *
 * @example
 * ```ts
 * const said = await board.log()
 * if (said.ok) for (const event of said.events) console.log(JSON.stringify(eventJson(event)))
 * ```
 */
export function eventJson({
  event,
  at,
  label,
  session,
  purpose,
  token,
  others,
  note,
  auto,
}: HistoryEvent): EventJson {
  return {
    event,
    at: at.toISOString(),
    resource_label: label,
    session_id: session.id,
    user: session.user,
    host: session.host,
    agent_name: session.agent,
    place: placeJson(session),
    purpose,
    mode:
      event === 'refused' || decisionIn(event, label) ? null : token === undefined ? 'shared' : 'exclusive',
    token: token ?? null,
    others,
    note: note ?? null,
    ...(auto ? { auto } : {}),
  }
}

/** The event that `eventJson` was given. */
export function eventOfJson(json: EventJson): HistoryEvent {
  return {
    event: json.event,
    at: momentOf(new Date(json.at)),
    label: json.resource_label,
    session: sessionOfJson(json),
    purpose: json.purpose,
    token: json.token ?? undefined,
    others: json.others,
    note: json.note ?? undefined,
    ...(json.auto ? { auto: true as const } : {}),
  }
}
