import type { Claim } from '../domain/claim.ts'
import type { Component, PastState } from '../domain/component.ts'
import type { HistoryEvent } from '../domain/history.ts'
import type { Received } from '../domain/message.ts'
import type { Workflow, WorkflowProgress, WorkItem } from '../domain/work.ts'
import { type ClaimJson, claimJson, claimOfJson, type JsonView } from './claim.ts'
import {
  type ComponentJson,
  componentJson,
  componentOfJson,
  type PastStateJson,
  pastStateJson,
  pastStateOfJson,
} from './component.ts'
import { type EventJson, eventJson, eventOfJson } from './event.ts'
import { type MessageJson, messageJson, messageOfJson } from './message.ts'
import {
  type WorkflowJson,
  type WorkflowProgressJson,
  type WorkItemJson,
  workflowJson,
  workflowOfJson,
  workflowProgressJson,
  workflowProgressOfJson,
  workItemJson,
  workItemOfJson,
} from './work.ts'

/** What every interface shows as the same JSON. */
export type Thing = Claim | HistoryEvent | Received | Component | Workflow | WorkflowProgress | WorkItem

/** The JSON of a thing. */
export type ThingJson<T extends Thing> = T extends Claim & { readonly token: number }
  ? ClaimJson & { readonly token: number }
  : T extends Claim
    ? ClaimJson
    : T extends HistoryEvent
      ? EventJson
      : T extends Received
        ? MessageJson
        : T extends PastState
          ? PastStateJson
          : T extends Component
            ? ComponentJson
            : T extends WorkflowProgress
              ? WorkflowProgressJson
              : T extends Workflow
                ? WorkflowJson
                : WorkItemJson

interface Kind<T, Json> {
  /** Keys that together tell it apart from everything else that a call takes or answers. */
  readonly keys: readonly (keyof T & string)[]
  readonly toJson: (thing: T, view: JsonView) => Json
  /** The same for its JSON. */
  readonly jsonKeys: readonly (keyof Json & string)[]
  readonly ofJson: (json: Json) => T
}

/** A kind without its types, which differ from row to row of the table. */
interface AnyKind {
  readonly keys: readonly string[]
  readonly toJson: (thing: never, view: JsonView) => object
  readonly jsonKeys: readonly string[]
  readonly ofJson: (json: never) => object
}

/** The compiler checks the keys of a kind against its type. */
function kind<T, Json>(row: Kind<T, Json>): Kind<T, Json> {
  return row
}

/**
 * The first kind that fits counts: a past state also has the keys of a component, and the JSON of a workflow in
 * the overview also has the keys of a workflow.
 */
const KINDS: readonly AnyKind[] = [
  kind({
    keys: ['claimedAt', 'session'],
    toJson: claimJson,
    jsonKeys: ['claimed_at', 'session_id'],
    ofJson: claimOfJson,
  }),
  kind({
    keys: ['event', 'session'],
    toJson: eventJson,
    jsonKeys: ['event', 'session_id'],
    ofJson: eventOfJson,
  }),
  kind({
    keys: ['sentAt', 'from'],
    toJson: messageJson,
    jsonKeys: ['sent_at', 'from_session'],
    ofJson: messageOfJson,
  }),
  kind({
    keys: ['updatedBy', 'component', 'id'],
    toJson: pastStateJson,
    jsonKeys: ['updated_by', 'component', 'id'],
    ofJson: pastStateOfJson,
  }),
  kind({
    keys: ['updatedBy', 'component'],
    toJson: componentJson,
    jsonKeys: ['updated_by', 'component'],
    ofJson: componentOfJson,
  }),
  kind({
    keys: ['workflow', 'items'],
    toJson: workflowProgressJson,
    jsonKeys: ['moved_by', 'name', 'items'],
    ofJson: workflowProgressOfJson,
  }),
  kind({
    keys: ['movedBy', 'name'],
    toJson: workflowJson,
    jsonKeys: ['moved_by', 'name'],
    ofJson: workflowOfJson,
  }),
  kind({
    keys: ['movedBy', 'title'],
    toJson: workItemJson,
    jsonKeys: ['moved_by', 'title'],
    ofJson: workItemOfJson,
  }),
]

const has = (value: object, keys: readonly string[]) => keys.every(key => key in value)

/** The JSON of a value, if it is a thing. */
export function thingJson(value: object, view: JsonView): object | undefined {
  return KINDS.find(({ keys }) => has(value, keys))?.toJson(value as never, view)
}

/** The thing that a JSON object shows, if it shows one. */
export function thingOfJson(json: object): object | undefined {
  return KINDS.find(({ jsonKeys }) => has(json, jsonKeys))?.ofJson(json as never)
}
