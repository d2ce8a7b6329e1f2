import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const SECRETS = { PRESENCE_PASSWORD: 'hunter2', PRESENCE_SERVER_TOKEN: 'top-s3cret' }

/** A server of somebody else, which records everything that is sent to it. */
export async function newStranger(): Promise<{ readonly port: number; readonly heard: string[] }> {
  const heard: string[] = []
  const server = createServer(socket => {
    heard.push('a connection')
    socket.on('error', () => {})
    socket.on('data', bytes => heard.push(bytes.toString('latin1')))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, heard }
}

/** A project of this user, and a home. */
export function newProject(config: object) {
  const root = scratchFolder()
  chmodSync(root, 0o755)
  const [project, home] = [join(root, 'project'), join(root, 'home')]
  mkdirSync(join(project, '.git'), { recursive: true })
  mkdirSync(home)
  const put = (path: string, content: object) => {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    writeFileSync(join(project, path), JSON.stringify(content))
    return join(project, path)
  }
  const file = put('.presence/config.json', config)
  const env = { HOME: home, ...SECRETS, PRESENCE_SESSION_ID: 'ana' }
  const run = (args: readonly string[], more: Record<string, string> = {}) =>
    presence(args, { cwd: project, env: { ...env, ...more }, within: 20_000 })
  return { root, project, home, file, env, put, run }
}

/** Everything that presence has written for a user. */
export function written(home: string): readonly string[] {
  const all = existsSync(home) ? readdirSync(home, { recursive: true, encoding: 'utf8' }) : []
  return all.filter(path => !path.includes('cache'))
}
