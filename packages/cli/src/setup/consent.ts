import { printUsage } from '../answer.ts'
import type { ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

/** What both ways of the command are given. */
export interface SetupOptions {
  /** The user's own files, not the project's. */
  readonly user: boolean
  /** Only these agents; empty for all that are found. */
  readonly agents: readonly string[]
  readonly yes: boolean
  readonly dryRun: boolean
  readonly globals: Globals
}

/** The person ended a question without an answer. */
export class Unanswered extends Error {}

/**
 * Asks about one thing after the other.
 * @returns those that the person agreed to; undefined if nobody can be asked
 * @throws Unanswered
 */
export async function agreedTo(
  things: readonly string[],
  questionOn: (thing: string) => string,
  { yes, globals }: SetupOptions,
  io: Io,
): Promise<ReadonlySet<string> | undefined> {
  if (yes) return new Set(things)
  if (globals.json) return undefined
  const agreed = new Set<string>()
  for (const thing of things) {
    const said = await io.askLine(`presence: ${questionOn(thing)} [y/N] `, typed => typed)
    if (said === undefined) return undefined
    if (said === null) throw new Unanswered()
    if (/^\s*y(es)?\s*$/i.test(said)) agreed.add(thing)
  }
  return agreed
}

/** Says which options are needed where nobody can be asked. */
export function needsOptions(doing: string, options: string, { globals }: SetupOptions, io: Io): ExitStatus {
  const why = globals.json ? 'with --json nobody is asked' : 'there is no terminal to ask at'
  const message = `nothing was ${doing}: it needs your consent, and ${why}`
  return printUsage({ message, remedy: `${options}; to see what it would do: --dry-run` }, globals, io, {})
}
