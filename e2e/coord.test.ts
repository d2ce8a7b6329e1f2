import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { presence } from './support/cli.ts'
import { dolt, newBoardOnDolt } from './support/dolt.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'

const LOCK = { project_key: 'shop', session_id: 'HOST/agent', description: 'rolling out' }

async function serve(dsn: string, folder: string) {
  const server = new Running(['serve', '--port', '0', '--dsn', dsn], { HOME: folder })
  const url = `${/http:\S+/.exec(await server.line(/serving on/))?.[0]}/api/coord`
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  return { server, ask }
}

const jsonOf = async (args: readonly string[], dsn: string) =>
  JSON.parse((await presence([...args, '--json', '--dsn', dsn], { within: 10_000 })).stdout)

describe.each([['SQLite'], ...(dolt ? [['Dolt']] : [])])(
  'locks over HTTP and the command line, on %s',
  store => {
    const boardOn = async (folder: string) =>
      store === 'SQLite' ? `sqlite:${join(folder, 'board.db')}` : (await newBoardOnDolt()).dsn

    it('block each other and list each other', async () => {
      const folder = scratchFolder()
      const dsn = await boardOn(folder)
      const { server, ask } = await serve(dsn, folder)
      await using _ = server
      expect(await ask('POST', 'locks', { ...LOCK, resource: 'deploy', ttl_hours: 0 })).toMatchObject({
        status: 201,
      })
      const claim = (label: string) =>
        presence(['claim', label, '--exclusive', '--purpose', 'mine', '--session', 'ana', '--dsn', dsn], {
          within: 10_000,
        })
      const refused = await claim('infra:shop/deploy')
      expect(refused).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/HOST\/agent.*never expires/s),
      })
      expect(await claim('node:k8s-1')).toMatchObject({ status: 0 })
      expect(await ask('POST', 'locks', { ...LOCK, resource: 'node:k8s-1' })).toMatchObject({
        status: 409,
        body: { holders: [{ session_id: 'ana', description: 'mine', mode: 'exclusive' }] },
      })
      const labels = ['infra:shop/deploy', 'node:k8s-1']
      expect((await ask('GET', 'locks')).body.locks.map(({ label }: { label: string }) => label)).toEqual(
        labels,
      )
      const listed = await jsonOf(['list'], dsn)
      expect(listed.map((each: { resource_label: string }) => each.resource_label).sort()).toEqual(labels)
      expect(listed).toContainEqual(expect.objectContaining({ resource_label: labels[0], expires_at: null }))
    })

    it('are on the board after they were acknowledged, even if the server was killed in the middle', async () => {
      const folder = scratchFolder()
      const dsn = await boardOn(folder)
      const acknowledged: string[] = []
      for (let round = 0; round < 3; round++) {
        const { server, ask } = await serve(dsn, folder)
        const asked = Array.from({ length: 30 }, (_, at) =>
          ask('POST', 'locks', { ...LOCK, resource: `r${round}-${at}` }).then(
            ({ status, body }) => {
              if (status === 201) acknowledged.push(body.label)
              if (acknowledged.length % 30 === 10) void server.end('SIGKILL')
            },
            () => {},
          ),
        )
        await Promise.all(asked)
        await server.end('SIGKILL')
      }
      expect(acknowledged.length).toBeGreaterThanOrEqual(10)
      const held = (await jsonOf(['list'], dsn)).map(
        (each: { resource_label: string }) => each.resource_label,
      )
      expect(held).toEqual(expect.arrayContaining(acknowledged))
    })
  },
)

describe('an idle lock that another session takes away', () => {
  it('is still held or is free if the server is killed meanwhile, and never disappears without a record', async () => {
    const folder = scratchFolder()
    const file = join(folder, 'board.db')
    const dsn = `sqlite:${file}`
    const first = await serve(dsn, folder)
    const ids: string[] = []
    for (let at = 0; at < 30; at++) {
      const { body } = await first.ask('POST', 'locks', { ...LOCK, resource: `r${at}`, ttl_hours: 0 })
      ids.push(body.id)
    }
    await first.server.end('SIGKILL')
    const outside = new DatabaseSync(file, { timeout: 5_000 })
    outside.exec('UPDATE presence_locks SET active_at = active_at - 7200000')
    outside.close()

    const { server, ask } = await serve(dsn, folder)
    let freed = 0
    await Promise.all(
      ids.map(id =>
        ask('DELETE', `locks/${id}?session_id=ben&force=true&reason=gone`).then(
          ({ status }) => {
            if (status === 204 && ++freed === 8) void server.end('SIGKILL')
          },
          () => {},
        ),
      ),
    )
    await server.end('SIGKILL')
    expect(freed).toBeGreaterThanOrEqual(8)
    const held = await jsonOf(['list'], dsn)
    expect(held.filter((each: { session_id: string }) => each.session_id !== LOCK.session_id)).toEqual([])
    const log = await jsonOf(['log', '--limit', '1000'], dsn)
    const steals = log.filter((each: { event: string }) => each.event === 'steal')
    expect(held.length + steals.length).toBe(30)
    expect(steals.length).toBeGreaterThanOrEqual(freed)
  })
})
