import { constantFrom, assert as hold, integer, property, record, string, uuid } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromLine, type QueuedOperation, toLine } from './operation.ts'

const session = record({ id: string({ minLength: 1 }), user: string(), host: string(), agent: string() })
const operations = record({
  id: uuid(),
  at: integer({ min: 0 }),
  session,
  verb: constantFrom('claim' as const),
  label: string({ minLength: 1 }),
  purpose: string({ minLength: 1 }),
  ttlSeconds: integer({ min: 1, max: 86_400 }),
})

describe('an operation in the outbox', () => {
  it('is stored as one line and is read back unchanged', () => {
    hold(
      property(operations, operation => {
        const line = toLine(operation)
        expect(line.indexOf('\n')).toBe(line.length - 1)
        expect(fromLine(line)).toEqual(operation)
      }),
    )
  })

  it.each<QueuedOperation>([
    { id: 'x', at: 1, session: { id: 's', user: 'u', host: 'h', agent: 'a' }, verb: 'heartbeat' },
    { id: 'x', at: 1, session: { id: 's', user: 'u', host: 'h', agent: 'a' }, verb: 'release' },
    {
      id: 'x',
      at: 1,
      session: { id: 's', user: 'u', host: 'h', agent: 'a' },
      verb: 'release',
      label: 'node:a',
    },
    {
      id: 'x',
      at: 1,
      session: { id: 's', user: 'u', host: 'h', agent: 'a', place: { role: 'r' } },
      verb: 'message',
      to: 'bob',
      kind: 'MESSAGE',
      subject: 's',
      body: 'two\nlines',
    },
    {
      id: 'x',
      at: 1,
      session: { id: 's', user: 'u', host: 'h', agent: 'a' },
      verb: 'component',
      project: 'shop',
      component: 'server',
      state: 'built',
      version: '1',
    },
  ])('with any verb is read back unchanged: $verb', operation => {
    expect(fromLine(toLine(operation))).toEqual(operation)
  })

  it.each([
    '',
    'nonsense',
    '{}',
    '[]',
    'null',
    '{"id":"x","at":1,"session":{"id":"s"},"verb":"heartbeat"}',
    '{"id":"x","at":"1","session":{"id":"s","user":"","host":"","agent":""},"verb":"heartbeat"}',
    '{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"steal"}',
    '{"id":"x","at":-1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"heartbeat"}',
    '{"id":"x","at":9e99,"session":{"id":"s","user":"","host":"","agent":""},"verb":"heartbeat"}',
    `{"id":"${'x'.repeat(65)}","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"heartbeat"}`,
    `{"id":"x","at":1,"session":{"id":"${'s'.repeat(129)}","user":"","host":"","agent":""},"verb":"heartbeat"}`,
    '{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"claim","label":"node:a","purpose":"p","ttlSeconds":86401}',
    `{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"release","label":"node:${'x'.repeat(251)}"}`,
    '{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"claim","label":"node:a"}',
    '{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"heartbe',
    '{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"message","kind":"SHOUT","subject":"s","body":"b"}',
    `{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"message","kind":"MESSAGE","subject":"s","body":"${'b'.repeat(8_001)}"}`,
    '{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":""},"verb":"component","project":"shop","component":"server"}',
    `{"id":"x","at":1,"session":{"id":"s","user":"","host":"","agent":"","place":{"role":"${'r'.repeat(65)}"}},"verb":"heartbeat"}`,
  ])('is not read from a damaged line: %s', line => {
    expect(fromLine(line)).toBeUndefined()
  })
})
