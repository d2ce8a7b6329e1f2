import type { PresenceError } from '@presence/core'
import { oneLine, type RoleRules, readRoles } from '@presence/core/internal'
import { openRepository, type Refusal, type Refused, type Repository } from '@presence/worktree'
import { type Answer, print, printFault } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import { interruption } from '../interruption.ts'
import type { Io } from '../io.ts'
import { sayOn } from '../running/say.ts'
import { toJson } from '../ui/json.ts'
import { isOfBoard } from './ask-who.ts'

const FILES_SHOWN_MAX = 20

/** The inputs of a command on a repository. */
export interface Ask {
  readonly repository: Repository
  readonly rules: RoleRules
}

/** The fault that stopped the work half-way, and the changes that were made before it and are not undone. */
export interface Unfinished {
  readonly fault: PresenceError
  readonly done: Readonly<Record<string, unknown>>
  readonly notes: readonly string[]
}

/**
 * Finds the repository and its rules, does the work and prints the result. A fault exits 3, because these
 * verbs are not advisory.
 */
export async function inRepository(
  globals: Globals,
  io: Io,
  work: (ask: Ask) => Promise<Answer | Refused | Unfinished>,
): Promise<ExitStatus> {
  try {
    const rules = await readRoles(io.cwd, io.env)
    const opened = await openRepository(io.cwd, io.env, sayOn(io))
    const said = opened.ok ? await work({ repository: opened.repository, rules }) : opened
    if ('fault' in said) return printUnfinished(said, globals, io)
    return 'refusal' in said ? printRefused(said.refusal, globals, io) : print(said, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true, { isBeside: !isOfBoard(error) })
  }
}

/**
 * At the first Ctrl-C, which git receives too, only git ends, not this process. Half-made changes are then
 * undone or reported.
 */
export function uninterrupted(): void {
  interruption()
}

function printUnfinished({ fault, done, notes }: Unfinished, { json = false }: Globals, io: Io): ExitStatus {
  const [message, remedy] = [oneLine(fault.message), oneLine(fault.remedy)]
  if (json) io.out(toJson({ error: { code: fault.code, message, remedy, ...done } }))
  io.err(`presence: error: ${message}`)
  for (const note of notes) io.err(`presence: note: ${note}`)
  io.err(`presence: hint: ${remedy}`)
  return EXIT.fault
}

export function printRefused(refusal: Refusal, { json = false }: Globals, io: Io): ExitStatus {
  const { code, files } = refusal
  const [message, remedy] = [oneLine(refusal.message), oneLine(refusal.remedy)]
  if (json) io.out(toJson({ error: { code, message, remedy, ...(files ? { files } : {}), ...refusal.done } }))
  io.err(`presence: ${message}`)
  for (const file of (files ?? []).slice(0, FILES_SHOWN_MAX)) io.err(`  ${oneLine(file)}`)
  const more = (files?.length ?? 0) - FILES_SHOWN_MAX
  if (more > 0) io.err(`  and ${more} more`)
  io.err(`presence: hint: ${remedy}`)
  return code === 'invalid_role' || code === 'unknown_role' ? EXIT.usage : EXIT.refused
}
