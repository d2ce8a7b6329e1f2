/**
 * The presence board as a library.
 *
 * - {@link openBoard} opens a board for one session. The returned {@link Board} claims labels, takes leases,
 *   lists claims and sessions, and watches for changes.
 * - {@link migrate} creates or updates the board's tables.
 *
 * A refused request returns `{ ok: false, refusal }`: see {@link Refusal}. A failure throws
 * {@link PresenceError}.
 *
 * @packageDocumentation
 */

export { all, type Board } from './board/board.ts'
export type { AllAcquired } from './board/claim-all.ts'
export type { Groups } from './board/groups.ts'
export type { Lease } from './board/lease.ts'
export { type OpenOptions, openBoard } from './board/open-board.ts'
export type {
  ClaimOptions,
  ComplianceOptions,
  ExclusiveOptions,
  ListOptions,
  LogOptions,
  MarkWrongOptions,
  SharedOptions,
  StatusOptions,
  StealOptions,
  TakeBackOptions,
  WatchOptions,
} from './board/options.ts'
export type { Acquired } from './claims/acquire.ts'
export type { Claimed } from './claims/claim.ts'
export type { HeartbeatAndList } from './claims/heartbeat-and-list.ts'
export type { Listed } from './claims/list.ts'
export type { Logged } from './claims/log.ts'
export type { Released } from './claims/release.ts'
export type { Resolved } from './claims/resolve.ts'
export type { Stolen } from './claims/steal.ts'
export type { Verified } from './claims/verify.ts'
export type { Turn } from './claims/wait.ts'
export type { Who, WhoOptions } from './claims/who-answer.ts'
export type { Environment } from './config/folders.ts'
export type { WriteConfigOptions, WrittenConfig } from './config/write.ts'
export type {
  ComponentGroup,
  ComponentHistoryOptions,
  ListComponentsOptions,
  SetComponentOptions,
} from './coordination/component-group.ts'
export type {
  AddItemOptions,
  ItemGroup,
  ListItemsOptions,
  SetItemOptions,
} from './coordination/item-group.ts'
export type { InboxOptions, MessageGroup, SendOptions } from './coordination/message-group.ts'
export type { Status } from './coordination/status.ts'
export type {
  AddWorkflowOptions,
  ListWorkflowsOptions,
  SetWorkflowOptions,
  WorkflowGroup,
} from './coordination/workflow-group.ts'
export type { Change, ClaimChange, ContactLost, ContactMade } from './domain/change.ts'
export { type Automatic, type Claim, type Ended, isExclusive, isLive, neverExpires } from './domain/claim.ts'
export { COMPONENT_STATES, type Component, type PastState } from './domain/component.ts'
export { FAULT_CODES, type FaultCode, type FaultOptions, isFault, PresenceError } from './domain/fault.ts'
export type {
  Compliance,
  ComplianceRow,
  Guarded,
  GuardedTarget,
  GuardInput,
  GuardRefusal,
  GuardTarget,
  GuardTargetMode,
  Settled,
  SettleInput,
} from './domain/guarded.ts'
export { EVENTS, type EventName, type HistoryEvent } from './domain/history.ts'
export { KINDS, type Label, parseLabel } from './domain/label.ts'
export {
  BODY_LENGTH_MAX,
  LABEL_LENGTH_MAX,
  SESSION_STALE_SECONDS,
  SUBJECT_LENGTH_MAX,
  TTL_SECONDS_DEFAULT,
  TTL_SECONDS_MAX,
} from './domain/limits.ts'
export { idleSince, isIdle } from './domain/lock.ts'
export { MESSAGE_KINDS, type Message, type MessageKind, type Received } from './domain/message.ts'
export type { OverlappingClaim } from './domain/near.ts'
export type { Page } from './domain/page.ts'
export type {
  Checked,
  Held,
  IdTaken,
  InvalidInput,
  NotFound,
  NotHeld,
  NotHolder,
  NotMoved,
  Outcome,
  Refusal,
  Refused,
} from './domain/refusal.ts'
export type { SeenSession, SessionState } from './domain/seen.ts'
export type { Place, Session } from './domain/session.ts'
export type { CoClaim, Lapsed, SessionView } from './domain/session-view.ts'
export {
  ITEM_STATUSES,
  type ItemStatus,
  WORKFLOW_STATUSES,
  type Workflow,
  type WorkflowProgress,
  type WorkflowStatus,
  type WorkItem,
} from './domain/work.ts'
export { type ClaimJson, claimJson, type JsonView, type PlaceJson } from './json/claim.ts'
export { type ComponentJson, componentJson, type PastStateJson, pastStateJson } from './json/component.ts'
export { type EventJson, eventJson } from './json/event.ts'
export { type MessageJson, messageJson } from './json/message.ts'
export {
  type ChangedJson,
  type WorkflowJson,
  type WorkflowProgressJson,
  type WorkItemJson,
  workflowJson,
  workflowProgressJson,
  workItemJson,
} from './json/work.ts'
export { type AccountOptions, type MigrateBoardOptions, migrate } from './migrate.ts'
export type { Dropped, Replayed, SyncOptions } from './outbox/replay.ts'
export { projectOf } from './project.ts'
export type { BoardVersions, MigrateOptions, MigrationReport, StoredVersions } from './store/migration.ts'
export { writeConfig } from './write-config.ts'
