import { type Environment, PresenceError } from '@presence/core'
import { agentAround, forAgent } from '@presence/core/internal'
import { isTerminal } from '@presence/process'
import { print } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { type Question, questionsIn } from './questions.ts'

/** Asks this user whether to trust what a project names and isn't trusted yet, one thing after the other. */
export async function askForTrust(project: string, globals: Globals, io: Io): Promise<ExitStatus> {
  const questions = questionsIn(project, io.env)
  const json = (trusted: readonly Question[]) => ({ trusted: trusted.map(({ what }) => what) })
  if (questions.length === 0) {
    const lines = [`presence: nothing to trust in ${project}: it names nothing that you don't trust already`]
    return print({ lines, json: json([]) }, globals, io)
  }
  refuseWithoutPerson(io.env)
  const trusted: Question[] = []
  for (const question of questions) {
    for (const line of question.facts) io.err(`presence: ${line}`)
    if ((await io.ask('presence: trust it? [y/N] ')) !== true) continue
    // Stores what was shown, even if the file has changed meanwhile.
    question.trust()
    trusted.push(question)
  }
  const left = questions.length - trusted.length
  if (left > 0)
    io.err(
      `presence: not trusted: ${left === questions.length ? 'nothing was changed' : `${left} of ${questions.length}`}`,
    )
  const lines = trusted.map(({ what }) => `presence: trusted ${what}`)
  print({ lines, json: json(trusted) }, globals, io)
  return left > 0 ? EXIT.refused : EXIT.done
}

/** @throws PresenceError `untrusted` if no person can have read the question */
function refuseWithoutPerson(env: Environment): void {
  const agent = agentAround(env)
  const why =
    agent !== undefined
      ? `this is an agent's session (${agent})`
      : isTerminal(0) && isTerminal(1)
        ? undefined
        : 'standard input and output are not a terminal'
  if (why === undefined) return
  const fault = new PresenceError(
    'untrusted',
    `only a person can give trust, at a terminal: ${why}`,
    'run presence trust in a terminal of your own; where there is none, set PRESENCE_TRUST=<host> or PRESENCE_DSN',
  )
  throw agent === undefined ? fault : forAgent(fault)
}
