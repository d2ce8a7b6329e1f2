import { PresenceError } from '@presence/core'
import { cutTo, isUnanswered, oneLine } from '@presence/core/internal'
import { HTTPException } from 'hono/http-exception'
import { Denied } from './faults.ts'

export type LogFormat = 'json' | 'text' | 'none'

/** The log entry of an answered request. It never contains a token, a body or a query string. */
export interface Access {
  readonly method: string
  /** The route's pattern, not the requested path. */
  readonly route: string
  readonly status: number
  readonly ms: number
  /** The token's name. Undefined without a token. */
  readonly token: string | undefined
  readonly request: string
}

/**
 * Logs requests, and what the server's operator should know. Text from clients is cut and put on one line.
 */
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

  /** Logs refusals and problems, also with the format `none`. */
  notice(event: string, fields: Readonly<Record<string, string | undefined>>): void {
    const safe = Object.entries(fields).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, cutTo(oneLine(value), key === 'message' ? 1_000 : 200)] as const],
    )
    const said = safe.map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    if (this.#format === 'json') this.#json({ event, ...Object.fromEntries(safe) })
    else this.#write([new Date().toISOString(), event, ...said].join(' '))
  }

  /**
   * Logs an internal error, whose details the response hides.
   * Temporary database faults only show in the metrics.
   */
  fault(error: Error): void {
    if (error instanceof Denied || error instanceof HTTPException) return
    const code = error instanceof PresenceError ? error.code : undefined
    if (code === undefined) this.notice('fault', { message: error.stack ?? error.message })
    else if (!isUnanswered(error)) this.notice('fault', { code, message: error.message })
  }

  #json(fields: object): void {
    this.#write(JSON.stringify({ at: new Date().toISOString(), ...fields }))
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
