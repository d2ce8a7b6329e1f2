import { expect, it } from 'vitest'
import { until } from '../../../../e2e/support/until.ts'
import type { HistoryEvent } from '../domain/history.ts'
import { Recorder } from './recorder.ts'

const eventOn = (label: string): HistoryEvent => ({
  event: 'claim',
  at: new Date(0),
  label,
  session: { id: 'ana', user: 'u', host: 'h', agent: 'cli' },
  purpose: 'p',
  token: undefined,
  others: [],
  note: undefined,
})

/** A history that fails a number of times, and that never accepts events on one label. */
class Away {
  written: string[] = []
  tries = 0
  readonly #times: number
  readonly #refused: string | undefined

  constructor(times: number, refused?: string) {
    this.#times = times
    this.#refused = refused
  }

  async record(events: readonly HistoryEvent[]): Promise<void> {
    const labels = events.map(({ label }) => label)
    if (++this.tries <= this.#times || labels.some(label => label === this.#refused))
      throw new Error('not now')
    this.written.push(...labels)
  }
}

it('the recorder retries events that the board did not accept at first, without another claim', async () => {
  const history = new Away(3)
  const recorder = new Recorder(history)
  recorder.afterAnswer([eventOn('node:a')])
  recorder.afterAnswer(async () => [eventOn('node:b')])
  await until('both', () => history.written.length === 2)
  expect(history.written.toSorted()).toEqual(['node:a', 'node:b'])
})

it('the recorder writes the other events if the board never accepts one of them', async () => {
  const history = new Away(0, 'node:bad')
  const recorder = new Recorder(history)
  for (const label of ['node:bad', 'node:a', 'node:b']) recorder.afterAnswer([eventOn(label)])
  await until('the others', () => history.written.length === 2)
  recorder.afterAnswer([eventOn('node:c')])
  await until('a later one', () => history.written.length === 3)
  expect(history.written).not.toContain('node:bad')
  await recorder.close()
})

it('the recorder waits a limited time when it is closed, and then stops retrying', async () => {
  const history = new Away(Number.POSITIVE_INFINITY)
  const recorder = new Recorder(history)
  recorder.afterAnswer([eventOn('node:a')])
  await recorder.close()
  const { tries } = history
  expect(tries).toBeGreaterThan(1)
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(history.tries).toBe(tries)
})
