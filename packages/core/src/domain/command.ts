import { fnv1a } from './fnv.ts'
import type { GuardInput, GuardTarget, SettleInput } from './guarded.ts'
import { parseLabel } from './label.ts'
import { TTL_SECONDS_DEFAULT, TTL_SECONDS_MAX } from './limits.ts'
import { parsePurpose } from './purpose.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { parseWriteKey } from './write-key.ts'

/** The most labels of one command: an inventory may have thousands of hosts. */
const TARGETS_MAX = 100
/** As the columns define it. */
const ID_MAX = 128
const MODES: ReadonlySet<string> = new Set(['note', 'pause', 'deny', 'require'])
const OUTCOMES: ReadonlySet<string> = new Set(['succeeded', 'failed', 'ended', 'background'])

/** A target whose label was checked. */
export interface Target extends Required<GuardTarget> {
  readonly kind: string
}

/** A checked command. */
export interface Command {
  readonly callId: string
  readonly purpose: string
  /** One for each label. */
  readonly targets: readonly Target[]
  readonly subagent: string | undefined
  readonly ttlSeconds: number
  readonly background: boolean
  readonly writeKey: string
}

/** Checks a command that is about to run. */
export function parseCommand(
  input: GuardInput,
  sessionId: string,
  kinds: readonly string[],
): Checked<Command> {
  const callId = parseCallId(input.callId)
  if (!callId.ok) return callId
  const purpose = parsePurpose(input.purpose)
  if (!purpose.ok) return purpose
  const targets = parseTargets(input.targets, kinds)
  if (!targets.ok) return targets
  const writeKey = parseWriteKey(input.writeKey ?? hash(`${sessionId}\0${callId.value}`).slice(0, 24))
  if (!writeKey.ok) return writeKey
  const { subagent, background = false } = input
  if (subagent !== undefined && !isId(subagent)) return invalid(`the subagent's name is not valid`, ID_RULE)
  return accept({
    callId: callId.value,
    purpose: purpose.value,
    targets: targets.value,
    subagent,
    ttlSeconds: ttlOf(input.ttlSeconds),
    background,
    writeKey: writeKey.value,
  })
}

/** Identifies the decision on one label, the same for each attempt of a call. */
export function eventIdOf(sessionId: string, callId: string, label: string): string {
  return hash(`${sessionId}\0${callId}\0${label}`)
}

export function parseCallId(input: string): Checked<string> {
  return isId(input) ? accept(input) : invalid('the id of the call is not valid', ID_RULE)
}

const ID_RULE = `give 1 to ${ID_MAX} ASCII characters without blanks`

function isId(text: unknown): text is string {
  return typeof text === 'string' && text.length <= ID_MAX && /^[\x21-\x7e]+$/.test(text)
}

/** Checks the end of a command. */
export function parseEnd({
  outcome,
  exitStatus,
}: SettleInput): Checked<Pick<SettleInput, 'outcome' | 'exitStatus'>> {
  if (!OUTCOMES.has(outcome))
    return invalid('the outcome is not known', 'give succeeded, failed, ended or background')
  if (exitStatus === undefined) return accept({ outcome })
  // As the column: Windows has exit statuses of 32 bits.
  if (!Number.isInteger(exitStatus) || Math.abs(exitStatus) > 2 ** 31 - 1)
    return invalid('the exit status is not a number of 32 bits', 'leave it out if it is not known')
  return accept({ outcome, exitStatus })
}

/** A label that is given twice is one target, with the first mode and both lists of what the agent was told. */
function parseTargets(targets: readonly GuardTarget[], kinds: readonly string[]): Checked<readonly Target[]> {
  if (targets.length === 0 || targets.length > TARGETS_MAX)
    return invalid(`a command has ${targets.length} labels`, `give 1 to ${TARGETS_MAX}`)
  const byLabel = new Map<string, Target>()
  for (const { label: text, mode, told = [] } of targets) {
    const label = parseLabel(text, kinds)
    if (!label.ok) return label
    if (!MODES.has(mode)) return invalid('the mode is not known', 'give note, pause, deny or require')
    const before = byLabel.get(label.value.text)
    const { kind } = label.value
    byLabel.set(label.value.text, {
      label: label.value.text,
      kind,
      mode: before?.mode ?? mode,
      told: [...(before?.told ?? []), ...told],
    })
  }
  return accept([...byLabel.values()])
}

function ttlOf(seconds: number | undefined): number {
  const given = Number.isFinite(seconds) ? Math.ceil(seconds ?? 0) : 0
  return Math.min(Math.max(given, TTL_SECONDS_DEFAULT), TTL_SECONDS_MAX)
}

/** 96 bits. Loading `node:crypto` would take 8 ms of an agent's time before each command. */
function hash(text: string): string {
  return [0x811c9dc5, 0x01000193, 0x9e3779b9].map(seed => fnv1a(text, seed)).join('')
}

function invalid(message: string, remedy: string) {
  return refuse({ code: 'invalid_command', message, remedy })
}
