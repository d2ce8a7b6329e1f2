import { openSync, writeSync } from 'node:fs'
import type { Answer, Args, Line } from '../format.ts'

/** This machine's monotonic clock in milliseconds. All processes share it. */
export function now(): number {
  return Math.round(Number(process.hrtime.bigint() / 1_000n)) / 1_000
}

/** Writes one process's part of a history. Each line is written synchronously, so a kill loses none. */
export class Recorder {
  readonly #descriptor: number

  constructor(file: string) {
    this.#descriptor = openSync(file, 'a')
  }

  write(line: Line): void {
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`)
  }
}

/** Records the calls of one process. */
export class CallRecorder {
  readonly process: string
  readonly session: string
  /** Whether the last call got an answer. */
  isAnswered = true
  readonly #recorder: Recorder
  #calls = 0

  constructor(recorder: Recorder, process: string, session: string, home: string) {
    this.process = process
    this.session = session
    this.#recorder = recorder
    recorder.write({ type: 'process', process, session, home, at: now(), wall: Date.now() })
  }

  write(line: Line): void {
    this.#recorder.write(line)
  }

  /** Makes a call with a new id and records its start and end. @returns the answer */
  async call(verb: string, args: Args, ask: (id: string) => Promise<unknown>): Promise<Answer> {
    const id = `${this.process}-${++this.#calls}`
    this.write({
      type: 'begin',
      call: id,
      process: this.process,
      session: this.session,
      at: now(),
      verb,
      args,
    })
    const answer = await ask(id).then(said => answerOf(verb, said), faultOf)
    this.write({ type: 'end', call: id, at: now(), answer })
    this.isAnswered = answer.ok !== undefined
    return answer
  }
}

/** The parts of an answer that rules judge. */
function answerOf(verb: string, answer: unknown): Answer {
  const { refusal, rows, next, claim, ...rest } = plain(answer) as Record<string, unknown>
  const said = rest as { -readonly [K in keyof Answer]: Answer[K] } & Record<string, unknown>
  delete said['message']
  // In the answers of other verbs `lapsed` is about the session's own claims and has another shape.
  if (verb !== 'peek') delete said.lapsed
  if (refusal) {
    const { code, asOf, holders, waiting, coClaims } = refusal as Answer
    return { ok: false, ...defined({ code, asOf, holders, waiting, coClaims }) }
  }
  const messages =
    rows === undefined ? {} : { messages: rows as Answer['messages'], more: next !== undefined }
  return { ...said, ok: true, ...(claim ? { claim: claim as Answer['claim'] } : {}), ...messages } as Answer
}

function faultOf(error: unknown): Answer {
  const {
    code = 'crash',
    message = '',
    queued = false,
  } = error as { code?: string; message?: string; queued?: boolean }
  return { code, text: message.slice(0, 200), queued }
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}

/** Parts of an answer that no rule reads. */
const LEFT_OUT = new Set([
  'activeAt',
  'place',
  'remedy',
  'user',
  'host',
  'agent',
  'body',
  'project',
  'kind',
  'stolen',
  'ended',
  'lapsedAt',
])

/** Converts dates to numbers and sessions to their ids. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const result: Record<string, unknown> = {}
  for (const [key, each] of Object.entries(value))
    if (!LEFT_OUT.has(key) && each !== undefined)
      result[key] = key === 'session' && typeof each === 'object' ? (each as { id: string }).id : plain(each)
  return result
}
