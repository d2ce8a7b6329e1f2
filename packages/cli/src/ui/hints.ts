import { type FaultCode, isExclusive, type PresenceError, type Refusal } from '@presence/core'
import { oneLine, shellWord } from '@presence/core/internal'

/** The command that was refused. */
export interface Asked {
  /** The waiting time that was tried, as it was given: the hint must not propose it again. */
  readonly wait?: string | undefined
  /** The id of the session that asked, where it may be the holder itself: another process of it. */
  readonly me?: string
  /** The option that holds the note or reason. @default --note */
  readonly noteOption?: string
  /** The command that lists the ids which this command takes. */
  readonly lookUp?: string
}

type RefusalHint = (refusal: Refusal, asked: Asked) => string

const asItIs: RefusalHint = ({ remedy }) => remedy
const forOption =
  (option: string): RefusalHint =>
  ({ remedy }) =>
    `${option}: ${remedy}`

/**
 * What to do about a refusal, in the words of the command line: the library's remedies name no options or commands.
 * A new refusal has to be decided on here.
 */
const REFUSALS: Readonly<Record<Refusal['code'], RefusalHint>> = {
  invalid_label: label,
  invalid_purpose: forOption('--purpose'),
  invalid_ttl: ({ remedy }) =>
    `--ttl: ${remedy.replace('claimExclusively', 'presence claim --exclusive --ttl never')}`,
  invalid_session: forOption('--session'),
  invalid_token: ({ remedy }) => `--token: ${remedy} (claim --exclusive printed it)`,
  invalid_wait: forOption('--wait'),
  invalid_note: ({ remedy }, { noteOption = '--note' }) => `${noteOption}: ${remedy}`,
  invalid_since: forOption('--since'),
  invalid_role: asItIs,
  unknown_role: asItIs,
  invalid_id: asItIs,
  invalid_project: asItIs,
  invalid_message: asItIs,
  invalid_component: asItIs,
  invalid_work: asItIs,
  invalid_cursor: asItIs,
  invalid_write_key: asItIs,
  invalid_key: asItIs,
  invalid_command: asItIs,
  not_holder: asItIs,
  held,
  not_held: refusal =>
    'label' in refusal
      ? `presence claim ${wordOf(refusal.label)} --exclusive, or presence log ${wordOf(refusal.label)}`
      : refusal.remedy,
  not_found: ({ remedy }, { lookUp }) => (lookUp === undefined ? remedy : `${remedy}: ${lookUp}`),
  id_taken: asItIs,
  not_moved: refusal =>
    'allowed' in refusal && refusal.allowed.length === 0
      ? `${refusal.remedy}: --reopen --status <status>`
      : refusal.remedy,
}

const FAULTS: Partial<Readonly<Record<FaultCode, (fault: PresenceError) => string>>> = {
  unknown_database: ({ remedy }) => `${remedy}: presence migrate --create-database`,
  // Another message names the variable that the id is in.
  invalid_session: ({ message, remedy }) =>
    message.startsWith("the session's id") ? `--session: ${remedy}` : remedy,
  invalid_config: ({ remedy }) =>
    remedy.replace(/your own config file$/, 'your own config file (presence init --user --dsn …)'),
  sandboxed: ({ remedy }) =>
    remedy.replace("presence's MCP tools", "presence's MCP tools (presence init --mcp <agent> adds them)"),
}

export function refusalHint(refusal: Refusal, asked: Asked = {}): string {
  return oneLine(REFUSALS[refusal.code]?.(refusal, asked) ?? refusal.remedy)
}

export function faultHint(fault: PresenceError): string {
  const { code, remedy, queued } = fault
  return oneLine(queued ? `${remedy}, for example: presence sync` : (FAULTS[code]?.(fault) ?? remedy))
}

function label(refusal: Refusal): string {
  const { remedy } = refusal
  const kind = 'unknownKind' in refusal ? refusal.unknownKind : undefined
  if (kind === undefined) return remedy
  return `${remedy}${remedy.endsWith('?') ? '' : ';'} to add the kind: presence init --kind ${kind}`
}

function held(refusal: Refusal, { wait, me }: Asked): string {
  if (!('holders' in refusal)) return refusal.remedy
  const { holders } = refusal
  const waiting = wait === undefined ? undefined : `wait longer than ${oneLine(wait)}`
  if (holders.length === 0) return waiting ?? 'wait in turn: --wait 10m'
  if (holders.some(each => isExclusive(each) && each.session.id === me))
    return `another process of this session may hold it: ${waiting ?? 'wait for it with --wait 10m'}, or give each process a session of its own with --session`
  if (holders.some(isExclusive))
    return waiting ? `ask its holder, or ${waiting}` : 'wait in turn with --wait 10m, or ask its holder'
  return `${waiting ?? 'wait for them to finish with --wait 10m'}, ask the holders, or claim it with --over-shared`
}

function wordOf(text: string): string {
  return shellWord(oneLine(text))
}
