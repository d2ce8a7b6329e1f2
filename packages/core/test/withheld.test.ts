import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Board, openBoard, type Replayed } from '@presence/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { addToken } from '../../server/src/access/token-file.ts'
import { newBoardInFile, startServer } from '../../server/test/support/server.ts'

/** Two sessions of one user, each with its own token, and their server, which may go away and come back. */
async function twoOfOneUser() {
  const tokenFile = join(scratchFolder(), 'tokens')
  const token = (name: string) => addToken(tokenFile, name, [`${name}@*`], new Date('2030-01-02T03:04:05Z'))
  const tokens = { a: token('a'), b: token('b') }
  const dsn = await newBoardInFile()
  const first = await startServer({ dsn, tokenFile })
  const state = scratchFolder()
  const told: Replayed[] = []
  const as = async (name: 'a' | 'b', session = `${name}@9`): Promise<Board> => {
    const env = { HOME: state, XDG_STATE_HOME: state, PRESENCE_SERVER_TOKEN: tokens[name] }
    const onReplay = (replayed: Replayed) => told.push(replayed)
    const board = await openBoard({ dsn: first.url, session, env, cwd: '/', onReplay })
    onTestFinished(() => board.close())
    return board
  }
  const folder = join(state, 'presence/queue')
  return {
    as,
    told,
    goAway: () => first.close(),
    comeBack: () => startServer({ dsn, tokenFile, port: first.port }),
    files: () => readdirSync(folder).filter(file => file.endsWith('.jsonl')),
    /** Moves the outbox's entries this many days into the past. */
    ageQueue: (days: number) => {
      for (const file of readdirSync(folder).filter(each => each.endsWith('.jsonl'))) {
        const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n')
        const aged = lines.map(line => {
          const operation = JSON.parse(line) as { at: number }
          return `${JSON.stringify({ ...operation, at: operation.at - days * 86_400_000 })}\n`
        })
        writeFileSync(join(folder, file), aged.join(''))
      }
    },
  }
}

const queued = { queued: true }
const labelsOf = async (board: Board) => {
  const listed = await board.list()
  return listed.ok ? listed.claims.map(({ label, session }) => `${session.id} ${label}`).sort() : []
}

describe('G7: an outbox entry that only another session’s token may deliver', () => {
  it('stays in the outbox, and does not block the entries of the other session, now or later', async () => {
    const user = await twoOfOneUser()
    const [a, b] = [await user.as('a'), await user.as('b')]
    await user.goAway()
    await expect(b.claim('node:queued', { purpose: 'p' })).rejects.toMatchObject(queued)
    await expect(a.claim('node:behind', { purpose: 'p' })).rejects.toMatchObject(queued)
    await expect(b.heartbeat()).rejects.toMatchObject(queued)
    const server = await user.comeBack()

    expect(await labelsOf(a)).toEqual(['a@9 node:behind'])
    expect(await a.claim('node:now', { purpose: 'p' })).toMatchObject({ ok: true })
    expect(await a.sync()).toEqual({ done: 0, dropped: [], damaged: [], left: 0, withheld: 2 })
    expect(user.told).toEqual([{ done: 1, dropped: [], damaged: [], left: 0, withheld: 2 }])
    await server.close()
    await expect(a.claim('node:again', { purpose: 'p' })).rejects.toMatchObject(queued)
    await user.comeBack()
    expect(await labelsOf(a)).toEqual(['a@9 node:again', 'a@9 node:behind', 'a@9 node:now'])

    expect(await b.sync()).toEqual({ done: 2, dropped: [], damaged: [], left: 0 })
    expect(await labelsOf(b)).toContain('b@9 node:queued')
    expect(user.files()).toEqual([])
  })

  it('is delivered by any session whose token allows it', async () => {
    const user = await twoOfOneUser()
    const b = await user.as('b')
    await user.goAway()
    await expect(b.claim('node:queued', { purpose: 'p' })).rejects.toMatchObject(queued)
    await user.comeBack()
    expect(await labelsOf(await user.as('b', 'b@10'))).toEqual(['b@9 node:queued'])
  })

  it('becomes a dead letter with a reason if no such session comes within a week', async () => {
    const user = await twoOfOneUser()
    const [a, b] = [await user.as('a'), await user.as('b')]
    await user.goAway()
    await expect(b.release('node:a')).rejects.toMatchObject(queued)
    await user.comeBack()
    user.ageQueue(6)
    expect(await a.sync()).toMatchObject({ damaged: [], withheld: 1 })
    user.ageQueue(2)
    expect(await a.sync()).toEqual({
      done: 0,
      dropped: [],
      damaged: [expect.stringContaining('"b@9"')],
      reasons: [expect.stringContaining('for a week')],
      left: 0,
    })
    expect(user.files()).toEqual([expect.stringMatching(/\.damaged\.jsonl$/)])
  })
})
