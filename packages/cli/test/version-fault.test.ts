import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../../e2e/support/free-port.ts'
import { CLAIM, newUser } from '../../../e2e/support/queue-file.ts'

/** A presence server whose request bodies have another version than this presence's. */
async function serverOf(api: number, port = 0): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(426, { 'presence-version': '9.9.9', 'presence-api': String(api) }).end('{}')
  }).listen(port, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a server of another version', () => {
  it.each([
    ['newer', 99, 'server_newer', 'update this presence'],
    ['older', 1, 'server_older', 'update the server'],
  ])(
    'that is %s makes every verb exit 2 with the remedy, and nothing is queued',
    async (_, api, code, remedy) => {
      const user = newUser(await serverOf(api))
      for (const verb of [
        CLAIM('node:a'),
        ['list'],
        ['heartbeat'],
        ['sync'],
        [...CLAIM('node:a'), '--exclusive'],
      ]) {
        const said = await user.as('ana', ...verb)
        expect(said, verb.join(' ')).toMatchObject({ status: 2, stdout: '' })
        expect(said.stderr).toMatch(/^presence: (error|NOT claimed node:a): .* than this presence\n/)
        expect(said.stderr).toContain(`presence: hint: ${remedy}\n`)
      }
      const { status, stdout } = await user.as('ana', ...CLAIM('node:a'), '--json')
      expect([status, JSON.parse(stdout)]).toMatchObject([2, { error: { code, queued: false } }])
      expect(user.isQueued()).toBe(false)
    },
  )

  it('lets a shared run start its command, but no exclusive run', async () => {
    const user = newUser(await serverOf(99))
    const run = ['run', '--claim', 'node:a', '--purpose', 'p', '--', 'sh', '-c', 'echo ran; exit 7']
    const said = await user.as('ana', ...run)
    expect(said).toMatchObject({ status: 7, stdout: 'ran\n' })
    expect(said.stderr).toMatch(/^presence: NOT claimed node:a: the presence server/)
    expect(await user.as('ana', 'run', '--exclusive', ...run.slice(1))).toMatchObject({
      status: 2,
      stdout: '',
    })
  })

  it('delivers nothing of the outbox, and all of it stays there', async () => {
    const port = await freePort()
    const user = newUser(`http://127.0.0.1:${port}`)
    expect((await user.as('ana', ...CLAIM('node:a'))).stderr).toContain('it is queued')
    await serverOf(99, port)
    const said = await user.as('ana', 'sync')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toContain('presence: hint: update this presence\n')
    expect(user.isQueued()).toBe(true)
  })
})
