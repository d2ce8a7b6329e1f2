import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const FIXTURES = join(import.meta.dirname, '../fixtures')
/** How far ahead a round's moment is set, so that every member receives it in time. */
const NOTICE_MS = 12
/** The members are asked to tidy up after this many rounds. */
const ROUNDS_KEPT = 10

interface Member {
  readonly session: string
  readonly process: ChildProcess
}

/**
 * Sessions in processes of their own. Each runs a fixture. In each round all fixtures act at the same given
 * time.
 */
export class Crew implements AsyncDisposable {
  readonly #members: readonly Member[]
  #rounds = 0

  private constructor(members: readonly Member[]) {
    this.#members = members
  }

  /** @param args the fixture's arguments after the DSN and the session's id */
  static async of(
    fixture: string,
    dsn: string,
    count: number,
    args: (at: number) => readonly string[] = () => [],
  ): Promise<Crew> {
    const members = Array.from({ length: count }, (_, at) => {
      const session = `session-${at}`
      const execArgv = ['--disable-warning=ExperimentalWarning']
      const argv = [dsn, session, ...args(at)]
      return { session, process: fork(join(FIXTURES, fixture), argv, { execArgv, stdio: 'inherit' }) }
    })
    await Promise.all(members.map(member => once(member.process, 'message')))
    return new Crew(members)
  }

  /**
   * Makes all members act at the same moment, and returns their answers by session.
   * @throws if one of them fails
   */
  async round<Answer extends object>(label: string): Promise<ReadonlyMap<string, Answer>> {
    // Removes old claims from time to time. A claim reads its session's other claims, and after hundreds of
    // rounds that read would decide the timing.
    if (++this.#rounds % ROUNDS_KEPT === 0) await this.#ask('tidy')
    return this.#ask({ label, at: Date.now() + NOTICE_MS })
  }

  async #ask<Answer extends object>(message: object | 'tidy'): Promise<ReadonlyMap<string, Answer>> {
    const answers = this.#members.map(async ({ session, process }) => {
      const heard = once(process, 'message')
      process.send(message)
      const [answer] = (await heard) as [Answer & { error?: string }]
      if (answer.error !== undefined)
        throw new Error(`${session}, ${JSON.stringify(message)}: ${answer.error}`)
      return [session, answer] as const
    })
    return new Map(await Promise.all(answers))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#members.map(({ process }) => {
        const ended = once(process, 'exit')
        process.disconnect()
        return ended
      }),
    )
  }
}
