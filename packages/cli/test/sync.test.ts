import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBoard } from '@presence/core'
import { expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { addToken } from '../../server/src/access/token-file.ts'
import { newBoardInFile, startServer } from '../../server/test/support/server.ts'

it('presence sync says how many operations stay in the outbox, and why, in text and in JSON', async () => {
  const home = scratchFolder()
  const tokenFile = join(home, 'tokens')
  const token = (name: string) => addToken(tokenFile, name, [`${name}@*`], new Date('2030-01-02T03:04:05Z'))
  const [mine, theirs] = [token('a'), token('b')]
  const dsn = await newBoardInFile()
  const first = await startServer({ dsn, tokenFile })
  const shared = { HOME: home, XDG_STATE_HOME: home, PRESENCE_DSN: first.url }
  await using board = await openBoard({
    env: { ...shared, PRESENCE_SERVER_TOKEN: theirs },
    session: 'b@9',
    cwd: '/',
  })
  await first.close()
  for (const label of ['node:a', 'node:b'])
    await expect(board.claim(label, { purpose: 'p' })).rejects.toMatchObject({ queued: true })
  await startServer({ dsn, tokenFile, port: first.port })

  const env = { ...shared, PRESENCE_SERVER_TOKEN: mine, PRESENCE_SESSION_ID: 'a@9' }
  const said = await presence(['sync'], { env, cwd: home })
  expect(said).toMatchObject({ status: 0, stderr: '' })
  expect(said.stdout).toMatch(
    /^presence: 2 queued operations kept back: .*token that this session doesn't have/,
  )
  const json = JSON.parse((await presence(['sync', '--json'], { env, cwd: home })).stdout)
  expect(json).toMatchObject({
    delivered: 0,
    left: 0,
    withheld: 2,
    withheld_because: expect.stringContaining('token'),
  })
  const empty = await presence(['sync', '--json'], {
    env: { ...env, PRESENCE_SESSION_ID: 'b@9', PRESENCE_SERVER_TOKEN: theirs },
    cwd: home,
  })
  expect(JSON.parse(empty.stdout)).toMatchObject({ delivered: 2, withheld: 0, withheld_because: null })
})

it('presence sync says what is wrong with the project’s outbox, and nothing about the board', async () => {
  const folder = scratchFolder()
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' })
  mkdirSync(join(folder, '.claude'))
  writeFileSync(join(folder, '.claude/coord-queue.jsonl'), '{}\n')
  git('init', '-q')
  git('add', '-f', '.claude')
  const env = { HOME: folder, XDG_STATE_HOME: folder, PRESENCE_DSN: `sqlite:${folder}/board.db` }
  const said = await presence(['sync'], { env, cwd: folder })
  expect(said).toMatchObject({ status: 2, stdout: '' })
  expect(said.stderr).toMatch(
    /^presence: error: .*can't be used: git tracks .*\npresence: hint: read it first; .*git rm --cached \.claude\/coord-queue\.jsonl/,
  )
})
