/**
 * Exports for presence's own packages, in addition to the public API. They have no docstrings for users and
 * change without notice: other programs import `@presence/core`.
 *
 * @packageDocumentation
 */

export { fileFacts, type RemoteFacts, remoteFacts, serverFacts } from './board/facts.ts'
export { refusalOfNew } from './board/new-label.ts'
export { Boards, type OpenBoardsOptions, openBoards, type SpeakOptions } from './board/open-boards.ts'
export { openServer, type Server } from './board/open-server.ts'
export { type QuickList, quickList } from './board/quick-list.ts'
export { wholeSessionOn } from './board/whole-session.ts'
export {
  type AnswerOf,
  CALLS,
  type Caller,
  type CallName,
  type InputOf,
  storesAnswer,
} from './calls/table.ts'
export type { Followed } from './claims/watch.ts'
export { type BoardPlace, resolveBoard } from './config/board.ts'
export { checkoutTop } from './config/checkout.ts'
export { GUARD_MODES, type GuardConfig, type GuardMode } from './config/config.ts'
export { type Dsn, type HttpDsn, type MysqlDsn, parseDsn } from './config/dsn.ts'
export { type ConfigFile, type Configs, readConfigs } from './config/file.ts'
export { configFolder, homeFolder, isNowhere, noHome, requireHome, stateFolder } from './config/folders.ts'
export { type GuardSettings, guardModeOf, guardSettings, guardSettingsIn, looseIn } from './config/guard.ts'
export { isGuardTrusted, trustGuard } from './config/guard-trust.ts'
export { addressOf, isLoopback, isLoopbackUrl, originOf, shownAddress, trustedHosts } from './config/hosts.ts'
export { labelCompleter } from './config/label-defaults.ts'
export { makeFolder } from './config/make-folder.ts'
export { demandInside } from './config/own-file.ts'
export {
  flawOf,
  othersAt,
  ownText,
  readersOf,
  replacersOf,
  safeState,
  writersOf,
} from './config/ownership.ts'
export { readBounded, readBoundedBytes } from './config/read-bounded.ts'
export { realPath } from './config/real-path.ts'
export { replaceFile } from './config/replace-file.ts'
export { knownRoles, readRoles } from './config/roles.ts'
export { sandboxName } from './config/sandbox.ts'
export { demandTrust, isTrusted, type NeedsTrust, needsTrust } from './config/trust.ts'
export { changesSince } from './config/trust-changes.ts'
export { ASK_FOR_TRUST, forAgent, untrustedAddress } from './config/trust-words.ts'
export { allStored, forget, store } from './config/trusted.ts'
export { forgetAddresses, isTrustedAddress, trustAddress } from './config/trusted-address.ts'
export { DEADLINE_MS_DEFAULT, Deadline } from './deadline.ts'
export {
  labelOf,
  moment,
  nameOf,
  plain,
  quoted,
  timeOfDay,
} from './domain/agent-text.ts'
export { presentIn } from './domain/change.ts'
export type { Snapshot } from './domain/claim.ts'
export {
  type AgentView,
  agentWording,
  alsoClaimed,
  claimedText,
  claimText,
  commandEndText,
  earlierText,
  endedText,
  holderText,
  LAPSED_WITHOUT_RELEASE,
  lapsedNote,
  lapsedText,
  lastHeartbeat,
  maybeSameText,
  overlapText,
  sessionText,
  standsText,
  type Wording,
} from './domain/claim-words.ts'
export { ago, duration } from './domain/duration.ts'
export {
  claimedKey,
  claimOf,
  endedBy,
  type Fact,
  factsOf,
  isDecision,
  rowOfClaim,
  type ToldFact,
} from './domain/fact.ts'
export { isServersOwn, isUnanswered, mayPass, natureOf, needsFix } from './domain/fault.ts'
export { fnv1a } from './domain/fnv.ts'
export { decisionIn, SERVER_LABEL } from './domain/history.ts'
export { keptTtlNotes } from './domain/kept-ttl.ts'
export { KIND_SHAPE } from './domain/label.ts'
export {
  BRANCH_LENGTH_MAX,
  EVENTS_KEPT_SECONDS,
  HOST_LENGTH_MAX,
  LIVE_COUNTED_MAX,
  REPO_LENGTH_MAX,
  USER_LENGTH_MAX,
  WORKTREE_LENGTH_MAX,
} from './domain/limits.ts'
export { lastActive } from './domain/lock.ts'
export { nearestOf } from './domain/nearest.ts'
export { isObject, objectIn } from './domain/object.ts'
export { matchesPattern } from './domain/pattern.ts'
export { PROJECT_SHAPE } from './domain/project.ts'
export { parsePurpose } from './domain/purpose.ts'
export { allowedRole, parseRole, type RoleRules, worksInMain } from './domain/role.ts'
export { parseSessionId } from './domain/session.ts'
export { inQuotes, shellWord } from './domain/shell.ts'
export { begins, mayBeShort, shortIds } from './domain/short-id.ts'
export { parseSince } from './domain/since.ts'
export { counted, cutTo, manyLines, oneLine } from './domain/text.ts'
export { parseExclusiveTtl, parseTtl } from './domain/ttl.ts'
export { lastPart, type Onlooker, whereIs, whereWords } from './domain/where.ts'
export { agentAround } from './identity/agent-around.ts'
export { agentProcesses } from './identity/agent-processes.ts'
export { resolveAgentServer, type ServedSession } from './identity/agent-server.ts'
export {
  type AgentSession,
  agentSessionOf,
  endRecord,
  nearestIn,
  recordSession,
  sessionsIn,
} from './identity/agent-session.ts'
export { recordOf } from './identity/caller.ts'
export { checkoutOf, WORKTREES } from './identity/checkout.ts'
export { givenId, givenToShell } from './identity/given.ts'
export { type JudgedRole, judgeRole } from './identity/judge-role.ts'
export { placeOf } from './identity/place.ts'
export { ancestors, isRunning, type ProcessKey } from './identity/processes.ts'
export { type Identity, resolveIdentity } from './identity/resolve.ts'
export { fileNameOf, makeHeartbeatDue, SESSION_PARTS, sessionFile } from './identity/session-file.ts'
export { hasTerminal } from './identity/terminal.ts'
export {
  agentExports,
  agentSessionExports,
  idIn,
  runExports,
  seenIn,
} from './identity/variables.ts'
export { changeJson } from './json/change.ts'
export { placeJson } from './json/claim.ts'
export { type OutboxFacts, outboxFacts } from './outbox/facts.ts'
export { Failures } from './outbox/failures.ts'
export { withLock } from './outbox/lock.ts'
export { projectOfRepo } from './project.ts'
export { type InputWire, inputFromWire, toWire, type Wire } from './remote/codec.ts'
export { API_HEADER, API_VERSION, KEY_HEADER } from './remote/headers.ts'
export { answered, postJson, refusalIn } from './remote/post-json.ts'
export { sleep } from './sleep.ts'
export { abandonCalls, givenUpEnded } from './store/endings.ts'
export { versionNotes } from './store/migration.ts'
export type { Denied, Engine, ServerFacts } from './store/mysql/facts.ts'
export type { Protection } from './store/mysql/migrate/dolt.ts'
export { type Probe, probe, type Room, type SchemaProgress } from './store/probe.ts'
export type { FileContent, FileFacts } from './store/sqlite/facts.ts'
export { MIGRATE_NEWER, UPGRADE } from './store/versions.ts'
