/**
 * The presence board as a library.
 *
 * - {@link openBoard} opens a board for one session. The returned {@link Board} claims labels, takes leases,
 *   lists claims and sessions, and watches for changes.
 * - {@link openBoards} opens a board for many sessions, as a server needs it.
 * - {@link migrate} creates or updates the board's tables. {@link diagnose} checks the setup.
 *
 * A refused request returns `{ ok: false, refusal }`: see {@link Refusal}. A failure throws
 * {@link PresenceError}.
 *
 * The other exports serve presence's own command and server: they parse and show labels, claims, sessions
 * and roles.
 *
 * @packageDocumentation
 */

export {
  all,
  type Board,
  type ClaimOptions,
  type ExclusiveOptions,
  type ListOptions,
  type LogOptions,
  type SharedOptions,
  type StatusOptions,
  type StealOptions,
  type TakeBackOptions,
  type WatchOptions,
} from './board/board.ts'
export { type Glance, glance } from './board/glance.ts'
export type { Groups } from './board/groups.ts'
export type { Lease } from './board/lease.ts'
export { type OpenOptions, openBoard } from './board/open-board.ts'
export { Boards, type OpenBoardsOptions, openBoards, type SpeakOptions } from './board/open-boards.ts'
export { openServer, type Server } from './board/open-server.ts'
export { type AnswerOf, type Ask, CALLS, type Caller, type CallName, type InputOf } from './calls/table.ts'
export type { Acquired } from './claims/acquire.ts'
export type { Claimed } from './claims/claim.ts'
export type { Listed } from './claims/list.ts'
export type { Logged } from './claims/log.ts'
export type { Released } from './claims/release.ts'
export type { Resolved } from './claims/resolve.ts'
export type { Stolen } from './claims/steal.ts'
export type { Survey } from './claims/survey.ts'
export type { Verified } from './claims/verify.ts'
export type { Turn } from './claims/wait.ts'
export type { Followed } from './claims/watch.ts'
export type { Who, WhoOptions } from './claims/who-answer.ts'
export { checkoutTop } from './config/checkout.ts'
export { configFolder, type Environment, stateFolder } from './config/folders.ts'
export { makeFolder } from './config/make-folder.ts'
export { type ReplaceFileOptions, replaceFile } from './config/replace-file.ts'
export { readRoles } from './config/roles.ts'
export type { WriteConfigOptions, WrittenConfig } from './config/write.ts'
export type {
  ComponentGroup,
  ComponentHistoryOptions,
  ListComponentsOptions,
  SetComponentOptions,
} from './coordination/components.ts'
export type { AddItemOptions, ItemGroup, ListItemsOptions, SetItemOptions } from './coordination/items.ts'
export type { InboxOptions, MessageGroup, SendOptions } from './coordination/messages.ts'
export type { Status, WorkflowProgress } from './coordination/status.ts'
export type {
  AddWorkflowOptions,
  ListWorkflowsOptions,
  SetWorkflowOptions,
  WorkflowGroup,
} from './coordination/workflows.ts'
export { Deadline } from './deadline.ts'
export { diagnose } from './diagnose.ts'
export type { DiagnoseOptions, Diagnosis } from './diagnosis/diagnose.ts'
export type { Finding } from './diagnosis/finding.ts'
export {
  dateTime,
  labelOf,
  moment,
  nameOf,
  placeText,
  plain,
  quoted,
  timeOfDay,
} from './domain/agent-text.ts'
export {
  type Change,
  type ClaimChange,
  type ContactLost,
  type ContactMade,
  presentIn,
} from './domain/change.ts'
export { type Claim, type Ended, isExclusive, isLive, neverExpires, type Snapshot } from './domain/claim.ts'
export {
  type AgentView,
  agentWording,
  alsoClaimed,
  claimText,
  earlierText,
  endedText,
  holderText,
  LAPSED_WITHOUT_RELEASE,
  lapsedNote,
  lapsedText,
  lastHeartbeat,
  sessionText,
  type Wording,
} from './domain/claim-words.ts'
export { COMPONENT_STATES, type Component } from './domain/component.ts'
export { claimedKey, claimOf, endedBy, type Fact, factsOf, rowOfClaim, type ToldFact } from './domain/fact.ts'
export { type FaultCode, isFault, PresenceError } from './domain/fault.ts'
export type { EventName, HistoryEvent } from './domain/history.ts'
export { keptTtlNotes } from './domain/kept-ttl.ts'
export { KIND_SHAPE, KINDS, parseLabel } from './domain/label.ts'
export {
  BODY_LENGTH_MAX,
  BRANCH_LENGTH_MAX,
  EVENTS_KEPT_SECONDS,
  HOST_LENGTH_MAX,
  LABEL_LENGTH_MAX,
  LAPSED_KEPT_SECONDS,
  LIVE_COUNTED_MAX,
  REPO_LENGTH_MAX,
  SESSION_STALE_SECONDS,
  SUBJECT_LENGTH_MAX,
  TTL_SECONDS_DEFAULT,
  TTL_SECONDS_MAX,
  USER_LENGTH_MAX,
  WORKTREE_LENGTH_MAX,
} from './domain/limits.ts'
export { idleSince, isIdle, lastActive } from './domain/lock.ts'
export { MESSAGE_KINDS, type Message, type MessageKind, type Received } from './domain/message.ts'
export { nearestOf } from './domain/nearest.ts'
export type { QueuedVerb } from './domain/operation.ts'
export type { Page } from './domain/page.ts'
export { PROJECT_SHAPE } from './domain/project.ts'
export type {
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
export { allowedRole, parseRole, type RoleRules, worksInMain } from './domain/role.ts'
export type { SeenSession, SessionState } from './domain/seen.ts'
export { type Place, parseSessionId, type Session } from './domain/session.ts'
export type { CoClaim, Lapsed, Standing } from './domain/standing.ts'
export { cutTo, manyLines, oneLine } from './domain/text.ts'
export { lastPart, type Onlooker, type Where, whereIs, whereWords } from './domain/where.ts'
export {
  ITEM_STATUSES,
  type ItemStatus,
  WORKFLOW_STATUSES,
  type Workflow,
  type WorkflowStatus,
  type WorkItem,
} from './domain/work.ts'
export { agentProcessFile } from './identity/agent-process.ts'
export { resolveAgentServer } from './identity/agent-server.ts'
export { type Checkout, checkoutOf, WORKTREES } from './identity/checkout.ts'
export { type JudgedRole, judgeRole } from './identity/judge-role.ts'
export { placeOf } from './identity/place.ts'
export { resolveIdentity } from './identity/resolve.ts'
export { fileNameOf, makeHeartbeatDue, SESSION_PARTS, sessionFile } from './identity/session-file.ts'
export { changeJson } from './json/change.ts'
export { type ClaimJson, claimJson, type JsonView, type PlaceJson, placeJson } from './json/claim.ts'
export { type EventJson, eventJson } from './json/event.ts'
export { componentJson, itemJson, messageJson, receivedJson, workflowJson } from './json/groups.ts'
export { type AccountOptions, migrate } from './migrate.ts'
export { Failures } from './outbox/failures.ts'
export { withLock } from './outbox/lock.ts'
export type { Replayed } from './outbox/replay.ts'
export { projectOf, projectOfRepo } from './project.ts'
export { inputFromWire, toWire, type Wire } from './remote/codec.ts'
export { API_HEADER, API_VERSION, KEY_HEADER } from './remote/faults.ts'
export type { HttpAnswer } from './remote/message.ts'
export { postJson } from './remote/post-json.ts'
export { type SleepOptions, sleep } from './sleep.ts'
export { abandonCalls, givenUpEnded } from './store/endings.ts'
export { type MigrateOptions, type MigrationReport, versionNotes } from './store/migration.ts'
export type { PastState } from './store/port.ts'
export { writeConfig } from './write-config.ts'
