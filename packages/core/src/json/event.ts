import { momentOf } from '../domain/claim.ts'
import type { EventName, HistoryEvent } from '../domain/history.ts'
import { type ClaimJson, type PlaceJson, placeJson, sessionOfJson } from './claim.ts'

/** An event of the history, with the keys of a claim where it says the same. */
export interface EventJson extends Pick<ClaimJson, 'session_id' | 'user' | 'host' | 'agent_name'> {
  readonly event: EventName
  readonly at: string
  readonly resource_label: string
  readonly purpose: string
  /** Null for a refused token, which is about no claim. */
  readonly mode: 'shared' | 'exclusive' | null
  readonly token: number | null
  readonly place: PlaceJson
  /** The other sessions that the event concerns. */
  readonly others: readonly string[]
  /** The reason that the session gave. */
  readonly note: string | null
}

export function eventJson({
  event,
  at,
  label,
  session,
  purpose,
  token,
  others,
  note,
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
    mode: event === 'refused' ? null : token === undefined ? 'shared' : 'exclusive',
    token: token ?? null,
    others,
    note: note ?? null,
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
  }
}
