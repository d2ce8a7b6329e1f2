import type { Board, InboxOptions } from '@presence/core'
import { expect, it } from 'vitest'
import { accepted, refused } from './answers.ts'
import { describeEachStore } from './stores.ts'

const said = (subject: string) => ({ subject, body: `${subject}, at length` })
const subjects = async (board: Board, options: InboxOptions = {}) =>
  accepted(await board.messages.inbox(options)).rows.map(({ subject }) => subject)
const unread = (board: Board, options: InboxOptions = {}) => subjects(board, { ...options, unreadOnly: true })
const DAY = 86_400

describeEachStore('a message', store => {
  it('to one session is only in its inbox, and unread until that session marks it as read', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    const { message } = accepted(await ana.messages.send({ to: 'bob', project: 'shop', ...said('ready') }))
    expect(message).toMatchObject({ from: 'ana', to: 'bob', project: 'shop', kind: 'MESSAGE', unread: false })
    expect(await unread(bob)).toEqual(['ready'])
    for (const other of [ana, eve]) expect(await subjects(other)).toEqual([])
    expect(accepted(await bob.messages.read([message.id])).read).toBe(1)
    expect(await unread(bob)).toEqual([])
    expect(accepted(await bob.messages.inbox()).rows).toMatchObject([
      { body: 'ready, at length', unread: false, readAt: expect.any(Date) },
    ])
    expect(accepted(await bob.messages.read([message.id])).read, 'only once').toBe(0)
  })

  it('to all sessions is read by each on its own, and never unread for its sender', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    const { message } = accepted(await ana.messages.send(said('all')))
    await bob.messages.read([message.id])
    expect(await unread(bob)).toEqual([])
    expect(await unread(eve)).toEqual(['all'])
    expect(await subjects(ana)).toEqual([])
    await ana.messages.send({ to: 'ana', ...said('a note') })
    expect([await subjects(ana), await unread(ana)]).toEqual([['a note'], []])
    expect(accepted(await eve.messages.read('all')).read).toBe(1)
    expect(await unread(eve)).toEqual([])
  })

  it('to a project is shown to readers of that project, and to readers who name no project', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    await ana.messages.send({ project: 'shop', ...said('shop') })
    await board.age(1)
    await ana.messages.send({ project: 'bank', ...said('bank') })
    await board.age(1)
    await ana.messages.send({ to: 'bob', project: 'bank', ...said('mine') })
    await board.age(1)
    await ana.messages.send(said('all'))
    expect(await unread(bob, { project: 'shop' })).toEqual(['all', 'mine', 'shop'])
    expect(await unread(bob)).toEqual(['all', 'mine', 'bank', 'shop'])
  })

  it('that is unread is found unless it is excluded, direct messages first', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { message } = accepted(await ana.messages.send({ to: 'bob', ...said('mine') }))
    for (const subject of ['one', 'two', 'three']) {
      await board.age(1)
      await ana.messages.send(said(subject))
    }
    expect(await subjects(bob, { except: [], limit: 3 })).toEqual(['mine', 'three', 'two'])
    expect(await subjects(bob, { except: [message.id], limit: 2 })).toEqual(['three', 'two'])
    await bob.messages.read('all')
    expect(await subjects(bob, { except: [] })).toEqual([])
    expect(refused(await bob.messages.inbox({ except: ['no id'] }))).toMatchObject({ code: 'invalid_id' })
    expect(refused(await bob.messages.inbox({ except: [], before: '1~a' }))).toMatchObject({
      code: 'invalid_cursor',
    })
  })

  it('to all sessions is unread for those that were registered when it was sent, and for others for a day', async () => {
    await using board = await store.newBoard()
    const [ana, old, young] = [await board.as('ana'), await board.as('old'), await board.as('young')]
    await old.register()
    await ana.messages.send(said('early'))
    await board.age(1)
    await ana.messages.send({ to: 'young', ...said('to you') })
    await board.age(DAY + 10)
    await young.register()
    expect(await unread(old)).toEqual(['early'])
    expect(await unread(young)).toEqual(['to you'])
    expect(await subjects(young), 'old news is still there').toEqual(['to you', 'early'])
  })

  it('that is sent twice with one id is stored once; another session can’t use that id', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    for (let time = 0; time < 2; time++) accepted(await ana.messages.send({ id: 'one', ...said('x') }))
    expect(refused(await bob.messages.send({ id: 'one', ...said('y') }))).toMatchObject({
      code: 'id_taken',
    })
    expect(await subjects(bob)).toEqual(['x'])
  })

  it('that is sent with the id of a different message is refused', async () => {
    await using board = await store.newBoard()
    const ana = await board.as('ana')
    const first = { id: 'one', to: 'bob', project: 'shop', ...said('x') }
    accepted(await ana.messages.send(first))
    const others = [
      { subject: 'y' },
      { body: 'y' },
      { to: 'eve' },
      { project: 'bank' },
      { kind: 'HEARTBEAT' },
    ]
    for (const other of others)
      expect(refused(await ana.messages.send({ ...first, ...other })), JSON.stringify(other)).toMatchObject({
        code: 'id_taken',
      })
    accepted(await ana.messages.send(first))
  })

  it('is found in pages, the latest first, and by kind', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const kinds = ['MESSAGE', 'HEARTBEAT', 'STATUS_UPDATE']
    const sent: string[] = []
    for (let at = 0; at < 7; at++) {
      const to = at % 2 === 0 ? { to: 'bob' } : {}
      await ana.messages.send({ ...to, kind: kinds[at % 3] ?? '', ...said(`no ${at}`) })
      sent.unshift(`no ${at}`)
    }
    const found: string[] = []
    let before: string | undefined
    do {
      const page = accepted(await bob.messages.inbox({ limit: 3, ...(before ? { before } : {}) }))
      found.push(...page.rows.map(({ subject }) => subject))
      before = page.next
    } while (before)
    expect(found.toSorted()).toEqual(sent.toSorted())
    expect(new Set(found).size).toBe(7)
    expect(await subjects(bob, { kinds: ['HEARTBEAT', 'STATUS_UPDATE'] })).toHaveLength(4)
    expect(refused(await bob.messages.inbox({ kinds: ['heartbeats'] }))).toMatchObject({
      code: 'invalid_message',
      nearest: 'HEARTBEAT',
    })
    expect(refused(await bob.messages.inbox({ before: 'x' }))).toMatchObject({ code: 'invalid_cursor' })
  })

  it('that is not addressed to a session can’t be marked by it, and nothing else in that call is marked either', async () => {
    await using board = await store.newBoard()
    const [ana, bob, eve] = [await board.as('ana'), await board.as('bob'), await board.as('eve')]
    const { message } = accepted(await ana.messages.send({ to: 'bob', ...said('secret') }))
    await board.age(1)
    const { message: open } = accepted(await ana.messages.send(said('open')))
    expect(refused(await eve.messages.read([open.id, message.id]))).toMatchObject({
      code: 'not_found',
      id: message.id,
    })
    expect(await unread(eve)).toEqual(['open'])
    expect(await unread(bob)).toEqual(['open', 'secret'])
  })

  it('is stored as written, whatever its text, and refused if it can’t be stored', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const hostile = `'); DROP TABLE presence_messages; --\\\n\u001b[2J</presence> \u202e:body 😀 ${'ä'.repeat(7_000)}`
    const subject = '\\\'":subject\u001b]0;x\u0007'
    accepted(await ana.messages.send({ to: 'bob', subject, body: hostile }))
    expect(accepted(await bob.messages.inbox()).rows).toMatchObject([{ subject, body: hostile }])
    const bad = [
      { subject: '', body: 'x' },
      { subject: 's'.repeat(256), body: 'x' },
      { subject: 's', body: ' ' },
      { subject: 's', body: 'b'.repeat(8_001) },
      { subject: 's', body: 'a\0b' },
      { subject: 's', body: 'x', project: 'Web Shop' },
      { subject: 's', body: 'x', kind: 'SHOUT' },
      { subject: 's', body: 'x', to: 'a\nb' },
      { subject: 's', body: 'x', id: 'a b' },
    ]
    for (const each of bad)
      expect(refused(await ana.messages.send(each)).code, JSON.stringify(each).slice(0, 60)).toMatch(
        /^invalid_/,
      )
    expect(await subjects(bob)).toHaveLength(1)
  })

  it('is kept for 30 days, and so is the record of who read it', async () => {
    await using board = await store.newBoard()
    const [ana, bob] = [await board.as('ana'), await board.as('bob')]
    const { message } = accepted(await ana.messages.send({ to: 'bob', ...said('old') }))
    await bob.messages.read([message.id])
    await board.age(29 * DAY)
    await ana.messages.send({ to: 'bob', ...said('new') })
    expect(await subjects(bob)).toEqual(['new', 'old'])
    await board.age(1 * DAY + 10)
    expect(await subjects(bob)).toEqual(['new'])
    await board.prune()
    expect([await board.count('presence_messages'), await board.count('presence_message_reads')]).toEqual([
      1, 0,
    ])
  })
})
