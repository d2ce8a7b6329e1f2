import type { Io } from '../io.ts'

/**
 * Holds back what a run has to say while it makes its claims: the first line on standard error must tell that a claim
 * was not made.
 */
export class LateNotes {
  /** As the given one, but holds its lines for standard error back until `tell`. */
  readonly io: Io
  readonly #say: (line: string) => void
  readonly #once = new Set<string>()
  #held: string[] | undefined = []

  constructor(io: Io) {
    this.#say = line => io.err(line)
    this.io = Object.create(io, { err: { value: (line: string) => this.#take(line) } })
  }

  /** Says a line the first time only: a run may open its board twice. */
  readonly once = (line: string): void => {
    if (this.#once.has(line)) return
    this.#once.add(line)
    this.#take(line)
  }

  /** Says what was held back. From then on every line is said at once. */
  tell(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const line of held) this.#say(line)
  }

  #take(line: string): void {
    if (this.#held) this.#held.push(line)
    else this.#say(line)
  }
}
