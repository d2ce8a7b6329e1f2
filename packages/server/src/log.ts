import { cutTo, oneLine, PresenceError } from '@presence/core'
import { HTTPException } from 'hono/http-exception'
import { AWAY, Denied } from './faults.ts'

export type LogFormat = 'json' | 'text' | 'none'

/** What an answered request leaves in the log: never a token, a body or a query string. */
export interface Access {
  readonly method: string
  /** The route's pattern, not the path that was asked for. */
  readonly route: string
  readonly status: number
  readonly ms: number
  /** The token's name; undefined without one. */
  readonly token: string | undefined
  readonly request: string
}

/** Lines about requests, and about what whoever runs the server should know. Others' text is cut and on one line. */
export class Log {
  readonly #format: LogFormat
  readonly #write: (line: string) => void

  constructor(format: LogFormat, write: (line: string) => void) {
    this.#format = format
    this.#write = write
  }

  access({ method, route, status, ms, token, request }: Access): void {
    if (this.#format === 'none') return
    if (this.#format === 'json') {
      this.#json({ event: 'request', method, route, status, ms: round(ms), token: token ?? null, request })
    } else {
      const at = new Date().toISOString()
      this.#write(`${at} ${method} ${route} ${status} ${round(ms)}ms ${token ?? '-'} ${request}`)
    }
  }

  /** Written whatever the format: who was refused, and what is wrong. */
  notice(event: string, fields: Readonly<Record<string, string | undefined>>): void {
    const safe = Object.entries(fields).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, cutTo(oneLine(value), key === 'message' ? 1_000 : 200)] as const],
    )
    const said = safe.map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    if (this.#format === 'json') this.#json({ event, ...Object.fromEntries(safe) })
    else this.#write([new Date().toISOString(), event, ...said].join(' '))
  }

  /** What went wrong inside, of which an answer tells nothing. What passes by itself is told by metrics. */
  fault(error: Error): void {
    if (error instanceof Denied || error instanceof HTTPException) return
    const code = error instanceof PresenceError ? error.code : undefined
    if (code === undefined) this.notice('fault', { message: error.stack ?? error.message })
    else if (!AWAY.has(code)) this.notice('fault', { code, message: error.message })
  }

  #json(fields: object): void {
    this.#write(JSON.stringify({ at: new Date().toISOString(), ...fields }))
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
