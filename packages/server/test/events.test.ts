import { connect } from 'node:net'
import { openBoard } from '@presence/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dolt, newBoardOnDolt, startDolt } from '../../../e2e/support/dolt.ts'
import { withoutRepeats } from '../../../e2e/support/outages.ts'
import { until } from '../../../e2e/support/until.ts'
import { startServer, type TestServer } from './support/server.ts'

const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' }

async function boardAs(session: string, dsn: string) {
  const board = await openBoard({ dsn, session, env, outbox: false })
  onTestFinished(() => board.close())
  return board
}

/** Listens to the stream, and collects its text. */
function listen(server: TestServer, path = '/events', headers: Record<string, string> = {}) {
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  const heard = { text: '', ended: false, end: () => ending.abort() }
  void (async () => {
    try {
      const answer = await fetch(server.url + path, { headers, signal: ending.signal })
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) heard.text += decoder.decode(chunk, { stream: true })
    } catch {
      // Ignore: the client or the server has ended the stream.
    }
    heard.ended = true
  })()
  return heard
}

const eventsIn = (text: string) => [...text.matchAll(/^event: (.*)$/gm)].map(([, name = '']) => name)

describe('the stream of events', () => {
  it('sends the present state and then each change, with the data of presence watch --json', async () => {
    const server = await startServer()
    const ana = await boardAs('ana', server.dsn)
    await ana.claim('node:a', { purpose: 'drain\nit: "now"' })
    const heard = listen(server)
    const one = listen(server, '/events?label=node:b')
    await until(
      'what stands',
      () => heard.text.includes('event: present') && one.text.includes('event: known'),
    )
    await ana.claim('node:b', { purpose: 'p' })
    await until('the claim', () => [heard, one].every(({ text }) => text.includes('event: claimed')))
    await ana.release('node:b')
    await until('the release', () => [heard, one].every(({ text }) => text.includes('event: released')))

    expect(eventsIn(heard.text)).toEqual(['known', 'present', 'claimed', 'released'])
    expect(eventsIn(one.text)).toEqual(['known', 'claimed', 'released'])
    const present = /^event: present\ndata: (.*)$/m.exec(heard.text)?.[1] ?? ''
    expect(JSON.parse(present)).toMatchObject({
      event: 'present',
      session_id: 'ana',
      resource_label: 'node:a',
      purpose: 'drain\nit: "now"',
    })
    expect(JSON.parse(present), 'an event is the same for every listener').not.toHaveProperty('is_me')
    const [, claimedId = ''] = /^id: (.*)\nevent: claimed/m.exec(heard.text) ?? []
    const back = listen(server, '/events', { 'Last-Event-ID': claimedId })
    await until('what was missed', () => back.text.includes('event: released'))
    expect(eventsIn(back.text)).toEqual(['released'])
  })

  it('refuses an invalid label', async () => {
    const server = await startServer()
    const answer = await server.get('/events?label=nonsense')
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({ error: { code: 'invalid_label' } })
  })

  it('counts its listeners, and no longer those that have gone', async () => {
    const server = await startServer()
    const ears = Array.from({ length: 5 }, () => listen(server))
    await until('all of them', async () => (await server.metric('presence_event_listeners')) === 5)
    for (const ear of ears) ear.end()
    await until('none', async () => (await server.metric('presence_event_listeners')) === 0)
  })

  it('drops a listener that does not read, and continues for the others', async () => {
    const server = await startServer()
    const ana = await boardAs('ana', server.dsn)
    const heard = listen(server)
    const deaf = connect({ port: server.port, host: '127.0.0.1' })
    onTestFinished(() => void deaf.destroy())
    deaf.on('error', () => {})
    deaf.write(`GET /events HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`)
    await until('both', async () => (await server.metric('presence_event_listeners')) === 2)
    // Send more than the socket's buffers and the server's limit
    // hold: 3,900 characters of 4 bytes, until it is dropped.
    await until(
      'the end of the deaf one',
      async () => {
        for (let i = 0; i < 50; i++)
          await ana.claim(`node:n${i}`, { purpose: `${Math.random()}${'\u{1f600}'.repeat(3_900)}` })
        return (await server.metric('presence_event_listeners')) === 1
      },
      50_000,
    )
    const before = heard.text.length
    await ana.claim('node:last', { purpose: 'p' })
    await until('the last', () => heard.text.slice(before).includes('node:last'))
  })

  it('says that the server is closing, and does not keep it from closing', async () => {
    const server = await startServer()
    const heard = listen(server)
    await until('the beginning', () => heard.text.includes('event: known'))
    await server.close()
    await until('the end', () => heard.ended)
    expect(eventsIn(heard.text).at(-1)).toBe('closing')
  })
})

describe.skipIf(!dolt)('the stream of events on Dolt', () => {
  it('needs as many database queries for 200 listeners as for one', async () => {
    const own = await startDolt()
    onTestFinished(() => own.stop())
    const { dsn } = await newBoardOnDolt(own.port)
    const server = await startServer({ dsn })
    const questions = async () =>
      Number((await own.sql(undefined, "SHOW GLOBAL STATUS LIKE 'Questions'"))[0]?.['Value'] ?? 0)
    const during = async () => {
      const before = await questions()
      const [{ length }] = [eventsIn(ears[0]?.text ?? '')]
      const ana = await boardAs('ana', dsn)
      // Wait for each claim's event, so that three claims take three polls.
      for (let i = 0; i < 3; i++) {
        await ana.claim(`node:n${ears.length}x${i}`, { purpose: 'p' })
        await until('the claim', () => eventsIn(ears[0]?.text ?? '').length > length + i)
      }
      return (await questions()) - before
    }
    const ears = [listen(server)]
    await until('the first', () => ears[0]?.text.includes('event: known'))
    const ofOne = await during()
    for (let i = 1; i < 200; i++) ears.push(listen(server))
    await until('all', () => ears.every(ear => ear.text.includes('event: known')))
    const ofMany = await during()

    for (const ear of ears) await until('the same', () => ear.text.includes('node:n200x2'))
    // If each listener polled, there would be about 600 more.
    expect(ofMany).toBeLessThan(ofOne + 100)
    expect(await server.metric('presence_event_listeners')).toBe(200)
  })

  it('G6: says since when the board has been unknown, and continues when it is known again', async () => {
    const own = await startDolt()
    onTestFinished(() => own.stop())
    const { dsn } = await newBoardOnDolt(own.port)
    const server = await startServer({ dsn })
    await (await boardAs('ana', dsn)).claim('node:a', { purpose: 'p' })
    const heard = listen(server)
    await until('what stands', () => heard.text.includes('event: present'))
    await own.kill()
    await until('unknown', () => heard.text.includes('event: unknown'))
    expect(heard.text).toMatch(/"unknown_since":"\d{4}-/)
    const late = listen(server)
    await until('unknown', () => late.text.includes('event: unknown'))
    await own.run()
    await until('known', () => [heard, late].every(({ text }) => eventsIn(text).at(-1) !== 'unknown'))
    await until('what stands', () => late.text.includes('event: present'))
    expect(withoutRepeats(eventsIn(heard.text))).toEqual(['known', 'present', 'unknown', 'known'])
    // Present claims come with the first `known`.
    expect(withoutRepeats(eventsIn(late.text)).slice(0, 3)).toEqual(['unknown', 'known', 'present'])
  })
})
