import { FAULT_CODES, type FaultCode, PresenceError, type Refusal } from '@presence/core'
import { moment, natureOf } from '@presence/core/internal'
import { describe, expect, it } from 'vitest'
import { type Answer, answer, besideBoard, print, printFault } from './answer.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'
import { ioOf } from './ui/fixture.ts'

const HOSTILE = '\x1b]0;title\x07\x9b2J\u202ea\r\nb\u2066'
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

interface Captured {
  readonly io: Io
  readonly out: string[]
  readonly err: string[]
}

function captured(): Captured {
  const out: string[] = []
  const err: string[] = []
  const io = {
    ...ioOf(Number.POSITIVE_INFINITY),
    env: { XDG_CONFIG_HOME: '/nonexistent', XDG_STATE_HOME: '/nonexistent' },
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    watched: false,
    progress: () => {},
    page: (lines: readonly string[]) => out.push(...lines),
  }
  return { io, out, err }
}

const faultOf = (code: FaultCode, message = 'the board failed') => new PresenceError(code, message, 'mend it')

describe('an answer', () => {
  const said: Answer = { lines: ['one', 'two'], json: { three: 3 }, notes: ['four'] }

  it.each([
    ['for people', {}, ['one', 'two']],
    ['for programs', { json: true }, ['{"three":3}']],
  ])('%s is the only text on standard output, and the exit status is 0', (_, globals, lines) => {
    const { io, out, err } = captured()
    expect(print(said, globals, io)).toBe(0)
    expect(out).toEqual(lines)
    expect(err).toEqual(['presence: note: four'])
  })
})

describe('a fault', () => {
  it.each<[FaultCode, Globals, boolean, number]>([
    ['unreachable', {}, false, 0],
    ['unreachable', { strict: true }, false, 3],
    ['unreachable', {}, true, 3],
    ['schema_missing', {}, false, 2],
    ['schema_older', {}, false, 2],
    ['schema_newer', { strict: true }, false, 2],
    ['server_older', {}, false, 2],
    ['server_newer', {}, false, 2],
    ['server_newer', {}, true, 2],
    ['unexpected', {}, false, 0],
    ['invalid_dsn', {}, false, 2],
    ['invalid_config', {}, false, 2],
    ['invalid_session', {}, false, 2],
    ['invalid_dsn', {}, true, 2],
    ['invalid_dsn', { strict: true }, false, 2],
  ])('%s with %j in a verb that needs an answer (%s) exits %i', (code, globals, promises, status) => {
    const { io, out, err } = captured()
    expect(printFault(faultOf(code), globals, io, promises)).toBe(status)
    expect(out).toEqual([])
    expect(err[0]).toContain('the board failed')
    expect(err.at(-1)).toBe('presence: hint: mend it')
  })

  it.each(FAULT_CODES)('%s exits as what it means for its call says', code => {
    const exits = (promises: boolean, globals: Globals = {}) =>
      printFault(faultOf(code), globals, captured().io, promises)
    const [advisory, promising] = natureOf(code) === 'fix' ? [2, 2] : [0, 3]
    expect([exits(false), exits(false, { strict: true }), exits(true)]).toEqual([
      advisory,
      promising,
      promising,
    ])
  })

  it.each([{}, { json: true }])('of a claim says first that the label is not claimed: %j', globals => {
    for (const code of FAULT_CODES) {
      const { io, out, err } = captured()
      printFault(faultOf(code), globals, io, false, { claims: ['node:a', 'db:b\nc'] })
      expect(err[0]).toMatch(/^presence: NOT claimed node:a, db:b.c: the board failed$/)
      expect(err.join('\n').match(/the board failed/g)).toHaveLength(1)
      if (globals.json) expect(JSON.parse(out.join(''))).toMatchObject({ error: { code } })
    }
  })

  it.each([{}, { strict: true }])(
    'of an advisory verb says since when the board has been unknown: %j',
    globals => {
      const { io, err } = captured()
      const fault = faultOf('unreachable')
      printFault(fault, globals, io)
      expect(err).toContain(`presence: the state of the board has been unknown since ${moment(fault.since)}`)
    },
  )

  it.each(FAULT_CODES)('says since when the board has been unknown only if that may pass: %s', code => {
    const { io, err, out } = captured()
    printFault(faultOf(code), {}, io)
    const stays = natureOf(code) === 'fix'
    if (stays) expect(err.join('\n')).not.toContain('unknown since')
    printFault(faultOf(code), { json: true }, io)
    const { error } = JSON.parse(out.join(''))
    expect('unknown_since' in error).toBe(!stays)
  })

  it('does not say that the board is unknown if the board rejected the call, or was not asked', async () => {
    const { io, err } = captured()
    printFault(faultOf('rejected'), {}, io)
    const fault = await besideBoard(Promise.reject(faultOf('access_denied'))).catch(error => error)
    printFault(fault, {}, io)
    expect(err.filter(line => line.includes('error: '))).toHaveLength(2)
    expect(err.join('\n')).not.toContain('unknown since')
  })

  it('is an error object in JSON, never an empty answer', () => {
    const { io, out } = captured()
    const fault = faultOf('unreachable')
    printFault(fault, { json: true }, io)
    expect(JSON.parse(out.join(''))).toEqual({
      error: {
        code: 'unreachable',
        message: 'the board failed',
        remedy: 'mend it',
        unknown_since: fault.since.toISOString(),
        queued: false,
      },
    })
  })

  it('inside presence does not stop anybody from working: it warns and exits 0', () => {
    const { io, out, err } = captured()
    expect(printFault(new TypeError('not thought of'), {}, io)).toBe(0)
    expect(out).toEqual([])
    expect(err.join('\n')).toMatch(/warning: presence failed: not thought of\n.*unknown since/)
  })

  it.each([{}, { json: true }, { strict: true }])(
    'is printed without control characters, whatever its text: %j',
    globals => {
      const { io, out, err } = captured()
      printFault(new PresenceError('unexpected', HOSTILE, HOSTILE), globals, io)
      expect([...out, ...err].filter(line => UNSAFE.test(line))).toEqual([])
    },
  )
})

describe('a refusal', () => {
  const refusing = (refusal: Refusal, globals: Globals = {}) => {
    const { io, out, err } = captured()
    const status = answer({ dsn: 'sqlite:unused.db', session: 'ana', ...globals }, io, async () => ({
      ok: false,
      refusal,
    }))
    return { status, out, err }
  }
  const notHolder: Refusal = {
    code: 'not_holder',
    message: 'node:a is held by ben',
    remedy: 'ask it',
    label: 'node:a',
    holders: [],
    asOf: new Date(0),
    coClaims: [],
  }
  const invalid: Refusal = { code: 'invalid_label', message: 'no kind', remedy: 'did you mean node:a?' }

  it.each([
    ['by the state of the board', notHolder, 1],
    ['of what was typed', invalid, 2],
  ])('%s prints its reason and its remedy, and sets its exit status', async (_, refusal, exit) => {
    const { status, out, err } = refusing(refusal)
    expect(await status).toBe(exit)
    expect(out).toEqual([])
    expect(err).toEqual([`presence: ${refusal.message}`, `presence: hint: ${refusal.remedy}`])
  })

  it('is an error object in JSON', async () => {
    const { status, out } = refusing(notHolder, { json: true })
    await status
    expect(JSON.parse(out.join(''))).toEqual({
      error: { code: 'not_holder', message: 'node:a is held by ben', remedy: 'ask it', holders: [] },
    })
  })

  it.each([{}, { json: true }])(
    'is printed without control characters, whatever others wrote: %j',
    async globals => {
      const { status, out, err } = refusing({ ...notHolder, message: HOSTILE, remedy: HOSTILE }, globals)
      await status
      expect([...out, ...err].filter(line => UNSAFE.test(line))).toEqual([])
    },
  )
})
