import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { presence } from './support/cli.ts'
import { freePort } from './support/free-port.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'

const run = promisify(execFile)
const page = readFileSync(join(import.meta.dirname, '../docs/coord-api.md'), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(match => match[1] ?? '')

/**
 * The page's shell code without the command that starts the server, as a reader would type it, in one shell.
 */
const shell = blocks('sh').filter(block => !block.startsWith('presence serve'))
const hasPython = spawnSync('python3', ['--version']).status === 0

describe('the page on the coordination API', () => {
  /** A board for one test, in the folder that its commands run in. */
  const place = () => {
    const folder = scratchFolder()
    const dsn = `sqlite:${join(folder, 'board.db')}`
    return {
      folder,
      dsn,
      serve: () => new Running(['serve', '--port', '0', '--dsn', dsn], { HOME: folder }),
      bash: (script: string, url: string) =>
        run('bash', ['-euo', 'pipefail', '-c', script.replace('http://127.0.0.1:8787', url)], {
          cwd: folder,
        }),
    }
  }
  const urlOf = async (server: Running) => /http:\S+/.exec(await server.line(/serving on/))?.[0] ?? ''

  it('shows curl calls that work, in the given order', async () => {
    const { folder, dsn, serve, bash } = place()
    await using server = serve()
    const url = await urlOf(server)
    const calls = page.match(/^(?:\w+=\$\()?coord .*api\/coord/gm) ?? []
    expect(calls.length).toBeGreaterThan(20)
    const { stdout } = await bash(shell.join('\n'), url)
    const said = stdout.split(/(?<=\})(?=\{)/).map(text => JSON.parse(text))
    const errors = said.filter(answer => 'error' in answer)
    expect(errors, 'only the example of a lock that is not idle and is kept').toMatchObject([
      { error: { code: 'not_holder' } },
    ])
    expect(said).toContainEqual(
      expect.objectContaining({ component: 'server', state: 'degraded', version: null }),
    )
    expect(said).toContainEqual(
      expect.objectContaining({ messages: [expect.objectContaining({ unread: true })] }),
    )
    expect(said).toContainEqual(expect.objectContaining({ state: 'inactive', role: 'backend' }))
    expect(said).toContainEqual(expect.objectContaining({ component: 'web', state: 'building' }))
    expect(existsSync(join(folder, '.claude')), 'nothing had to be queued').toBe(false)
    expect((await presence(['list', '--dsn', dsn])).stdout).toMatch(/infra:shop\/deploy .*never/)
  })

  it('shows a shell that queues calls while the server is unreachable, which sync then delivers', async () => {
    const { folder, dsn, bash } = place()
    const [setUp = '', ...more] = shell
    const say = more.find(block => block.startsWith('coord_say')) ?? ''
    const nowhere = `http://127.0.0.1:${await freePort()}`
    await bash(`${setUp}\n${say}`, nowhere)
    const synced = await presence(['sync', '--json', '--dsn', dsn], { cwd: folder, within: 10_000 })
    expect(JSON.parse(synced.stdout)).toMatchObject({
      coord: { delivered: 1, refused: [], damaged: [], left: 0 },
    })
    expect(existsSync(join(folder, '.claude/coord-queue.jsonl'))).toBe(false)
  })

  it('shows a shell that queues neither refused calls nor locks', async () => {
    const { folder, serve, bash } = place()
    const [setUp = '', ...more] = shell
    const define = more.find(block => block.startsWith('coord_say'))?.replace(/^coord_say PUT.*$/m, '') ?? ''
    const lock = `coord_say POST /api/coord/locks '{"project_key":"shop","session_id":"a","resource":"r"}'`
    const invalid = `coord_say PUT /api/coord/components/shop/web '{"state":7}'`
    await using server = serve()
    const nowhere = `http://127.0.0.1:${await freePort()}`
    const failed = (call: string, url: string) =>
      bash(`${setUp}\n${define}\nif ${call}; then exit 9; fi`, url)
    expect((await failed(invalid, await urlOf(server))).stderr).toContain('invalid')
    await failed(lock, nowhere)
    expect(existsSync(join(folder, '.claude'))).toBe(false)
  })

  it.skipIf(!hasPython)('shows Python that works, handles a refusal, and queues', async () => {
    const { folder, dsn, serve } = place()
    const [python = ''] = blocks('python')
    const here = async (url: string) =>
      (await run('python3', ['-c', python], { cwd: folder, env: { ...process.env, PRESENCE_URL: url } }))
        .stdout
    await using server = serve()
    const url = await urlOf(server)
    expect(await here(url)).toBe('reindexing\n')
    const claimed = await presence(
      [
        'claim',
        'infra:shop/db/orders',
        '--exclusive',
        '--purpose',
        'by hand',
        '--session',
        'ana',
        '--dsn',
        dsn,
      ],
      { within: 10_000 },
    )
    expect(claimed).toMatchObject({ status: 0 })
    expect(await here(url)).toMatch(/^not now: infra:shop\/db\/orders is held exclusively by ana: by hand\n$/)
    expect(await here(`http://127.0.0.1:${await freePort()}`)).toMatch(/^no answer, so no lock/)
    const [line = '', ...more] = readFileSync(join(folder, '.claude/coord-queue.jsonl'), 'utf8').split('\n')
    expect(more, 'the lock is not queued').toEqual([''])
    expect(JSON.parse(line)).toMatchObject({ method: 'PUT', path: '/api/coord/components/shop/orders-index' })
    const synced = await presence(['sync', '--dsn', dsn], { cwd: folder, within: 10_000 })
    expect(synced.stdout).toMatch(/delivered 1 call /)
    expect(existsSync(join(folder, '.claude/coord-queue.jsonl'))).toBe(false)
  })

  it('shows a valid line of the queue', () => {
    const [line = ''] = blocks('jsonl')
    expect(JSON.parse(line)).toMatchObject({ path: expect.stringMatching(/^\/api\/coord\//) })
  })
})
