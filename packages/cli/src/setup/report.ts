import type { PresenceError } from '@presence/core'
import { needsFix, oneLine } from '@presence/core/internal'
import { printFault } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { fold } from '../ui/fold.ts'
import { toJson } from '../ui/json.ts'
import type { BoardPlan } from './board.ts'
import type { SetupOptions } from './consent.ts'
import type { FoundAgent } from './find-agents.ts'
import type { AgentPlan, PlannedFile } from './plan.ts'

/** What was done, or is going to be done, for an agent. */
export interface Outcome extends FoundAgent {
  readonly state: 'in_place' | 'planned' | 'done' | 'declined' | 'failed'
  readonly plan?: AgentPlan
  readonly fault?: PresenceError
}

/** The answer of the command: lines as it goes on, or one JSON object at the end. */
export class Report {
  readonly #io: Io
  readonly #isJson: boolean
  readonly #outcomes = new Map<string, Outcome>()

  constructor({ globals }: SetupOptions, io: Io) {
    this.#io = io
    this.#isJson = globals.json === true
  }

  get outcomes(): readonly Outcome[] {
    return [...this.#outcomes.values()]
  }

  having(state: Outcome['state']): readonly Outcome[] {
    return this.outcomes.filter(outcome => outcome.state === state)
  }

  set(outcome: Outcome): void {
    this.#outcomes.set(outcome.agent.name, outcome)
  }

  say(line: string): void {
    if (!this.#isJson) this.#io.out(fold(line, this.#io.width))
  }

  /** Names an agent whose files stay as they are, and the remedy. */
  tellFault({ agent, fault }: Outcome): void {
    this.#io.err(`presence: ${agent.name} stays as it is:`)
    printFault(fault, {}, this.#io, true, { isBeside: true })
  }

  /** The status of the agents' part. */
  get status(): ExitStatus {
    const faults = this.outcomes.flatMap(({ fault }) => fault ?? [])
    if (faults.some(fault => needsFix(fault) && !OF_FILES.has(fault.code))) return EXIT.usage
    return faults.length > 0 ? EXIT.fault : EXIT.done
  }

  json(more: Readonly<Record<string, unknown>>): void {
    if (this.#isJson) this.#io.out(toJson({ agents: this.outcomes.map(jsonOf), ...more }))
  }
}

/** These say that a file can't be written, not that its content has to be fixed. */
const OF_FILES: ReadonlySet<string> = new Set(['full', 'not_writable', 'read_only'])

function jsonOf({ agent, found, state, plan, fault }: Outcome) {
  const files = (plan?.files ?? []).map(({ path, parts, after }) => ({
    path,
    parts,
    deleted: after === undefined,
    written: state === 'done',
  }))
  const error = fault && {
    code: fault.code,
    message: oneLine(fault.message),
    remedy: oneLine(fault.remedy),
  }
  return { agent: agent.name, found, state, files, ...(error ? { error } : {}) }
}

/** A file and what of presence is in it. */
export function fileLine(doing: string, { path, parts }: Pick<PlannedFile, 'path' | 'parts'>): string {
  return `presence: ${doing} ${path}: ${parts.join(', ')}`
}

export function boardJson(board: BoardPlan | undefined, written: boolean) {
  return board && { dsn: board.shown, path: board.path, changed: board.changed, written }
}

/** The status that says more: somebody has to fix something, or else something failed. */
export function worse(one: ExitStatus, other: ExitStatus): ExitStatus {
  return [EXIT.usage, EXIT.fault].find(status => status === one || status === other) ?? EXIT.done
}
