import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { API_VERSION } from '@presence/core/internal'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { PresenceServer } from '../../../e2e/support/presence-server.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const CLAIM = ['--claim', 'node:r', '--purpose', 'x'] as const

/** What a test gives presence: variables, and a folder to work in. */
interface Given {
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
}

const dsn = (text: string): Given => ({ env: { PRESENCE_DSN: text } })

function config(text: string): Given {
  const cwd = scratchFolder()
  mkdirSync(join(cwd, '.presence'))
  writeFileSync(join(cwd, '.presence/config.json'), text)
  return { env: {}, cwd }
}

function file(make: (path: string) => void): Given {
  const path = join(scratchFolder(), 'board.db')
  make(path)
  return dsn(`sqlite:${path}`)
}

/** A server that answers every request in the same way. */
async function server(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Given> {
  const http = createHttpServer((_, answer) => answer.writeHead(status, headers).end(body))
  onTestFinished(() => void http.close())
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  return dsn(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
}

/** A server that writes the same bytes to every client, and hangs up or not. */
async function bytes(scheme: string, text: string, hangsUp: boolean): Promise<Given> {
  const tcp = createServer(socket => {
    socket.on('error', () => {})
    if (hangsUp) socket.end(text, 'latin1')
    else socket.write(text, 'latin1')
  })
  onTestFinished(() => void tcp.close())
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  return dsn(`${scheme}127.0.0.1:${(tcp.address() as AddressInfo).port}/presence`)
}

const VERSIONED = {
  'presence-version': '0.1.0',
  'presence-api': String(API_VERSION),
  'content-type': 'application/json',
}
const ERROR = JSON.stringify({ detail: 'no', error: { code: 'forbidden', message: 'no', remedy: 'ask' } })

/** Everything that can fail in presence, and the status of a run that must hold its claims: 2 if it stays so, 3 if not. */
const FAILURES: readonly (readonly [what: string, status: 2 | 3, make: () => Given | Promise<Given>])[] = [
  ['a malformed DSN', 2, () => dsn('nonsense')],
  ['a DSN of another database', 2, () => dsn('postgres://db/presence')],
  ['a DSN whose password file is missing', 2, () => dsn('mysql://u@127.0.0.1:1/p?password-file=/gone')],
  ['a DSN with a port that can’t be', 2, () => dsn('mysql://u@127.0.0.1:99999/p')],
  ['a config that is not JSON', 2, () => config('{')],
  ['a config with a DSN that is none', 2, () => config('{"dsn": "nonsense"}')],
  ['a config with a wrong shape', 2, () => config('{"dsn": 1}')],
  ['an invalid id in the environment', 2, () => ({ env: { PRESENCE_SESSION_ID: 'a b\n' } })],
  ['no database server', 3, () => dsn('mysql://u@127.0.0.1:1/p')],
  ['no presence server', 3, () => dsn('http://127.0.0.1:1')],
  ['a host without an address', 3, () => dsn('mysql://u@no.such.host.invalid/p')],
  ['a database server that hangs', 3, () => bytes('mysql://u@', '', false)],
  ['a database server that hangs up', 3, () => bytes('mysql://u@', '', true)],
  [
    'a database server that sends garbage',
    3,
    () => bytes('mysql://u@', '\xff\xff\xff\x00\x0agarbage\x00'.repeat(50), true),
  ],
  ['a database server that sends another protocol', 3, () => bytes('mysql://u@', 'SSH-2.0-x\r\n', false)],
  [
    'a database server that refuses the host',
    2,
    () => bytes('mysql://u@', '\x10\x00\x00\x00\xff\x6a\x04Host is blocked', true),
  ],
  ['a presence server that sends garbage', 3, () => bytes('http://', 'garbage\r\n\r\n', true)],
  ['a presence server that hangs', 3, () => bytes('http://', '', false)],
  ['a server that is something else', 3, () => server(200, '<html>hello</html>')],
  ['a presence server whose answer is not JSON', 3, () => server(200, '{', VERSIONED)],
  ['a presence server whose answer lacks everything', 3, () => server(200, '{}', VERSIONED)],
  [
    'a presence server whose answer has wrong types',
    3,
    () => server(200, '{"as_of":[],"claims":{"a":1},"claim":7}', VERSIONED),
  ],
  ['a presence server that fails', 3, () => server(500, ERROR, VERSIONED)],
  ['a presence server without a database', 3, () => server(503, ERROR, VERSIONED)],
  ['a presence server that wants a token', 2, () => server(401, ERROR, VERSIONED)],
  ['a presence server that forbids it', 2, () => server(403, ERROR, VERSIONED)],
  [
    'a presence server of a later version',
    2,
    () => server(200, '{}', { ...VERSIONED, 'presence-api': '99' }),
  ],
  ['a board file that is a folder', 2, () => file(path => mkdirSync(path))],
  ['a board file that is a pipe', 2, () => file(path => execFileSync('mkfifo', [path]))],
  ['a board file that is a device', 2, () => dsn('sqlite:/dev/zero')],
  ['a board file below a file', 2, () => dsn('sqlite:/dev/null/board.db')],
  ['a board file that is no database', 2, () => file(path => writeFileSync(path, 'x'.repeat(10_000)))],
  [
    'a board file that is cut off',
    2,
    () => file(path => writeFileSync(path, `SQLite format 3\0${'\xff'.repeat(100)}`, 'latin1')),
  ],
  ['a HOME that is no folder', 2, () => ({ env: { HOME: '/dev/null' } })],
]

/** Runs `presence run` with these options, and a command that leaves a file and exits with 7. */
async function runIn({ env, cwd = scratchFolder() }: Given, options: readonly string[]) {
  const mark = join(scratchFolder(), 'ran')
  const home = {
    HOME: scratchFolder(),
    XDG_STATE_HOME: env['HOME'] === undefined ? scratchFolder() : undefined,
  }
  const session = 'PRESENCE_SESSION_ID' in env ? {} : { PRESENCE_SESSION_ID: 'ana' }
  const command = ['sh', '-c', `echo out; touch ${mark}; exit 7`]
  const said = await presence(['run', ...options, '--', ...command], {
    env: { ...home, ...session, ...env },
    cwd,
    within: 20_000,
  })
  return { ...said, ran: existsSync(mark) }
}

describe.each(FAILURES)('G7: with %s', (_, status, make) => {
  it('a shared run says first that nothing is claimed, runs its command, and exits with its status', async () => {
    const said = await runIn(await make(), CLAIM)
    expect(said).toMatchObject({ status: 7, stdout: 'out\n', ran: true })
    expect(said.stderr).toMatch(/^presence: NOT claimed node:r: \S/)
    expect(said.stderr).toMatch(/^presence: hint: \S/m)
    expect(said.stderr).not.toMatch(/\n\s+at |undefined|\[object/)
    expect(said.stderr.match(/NOT claimed/g)).toHaveLength(1)
  })

  it(`a run with --exclusive or --strict exits ${status}, and runs nothing`, async () => {
    for (const option of ['--exclusive', '--strict']) {
      const said = await runIn(await make(), [option, ...CLAIM])
      expect(said, option).toMatchObject({ status, stdout: '', ran: false })
      expect(said.stderr, option).toMatch(/^presence: NOT claimed node:r: \S/)
    }
  })

  it('a run with wrong arguments exits 2, and runs nothing', async () => {
    for (const options of [
      ['--claim', 'node', '--purpose', 'x'],
      ['--claim', 'node:r'],
      ['--claim', 'node:r', '--purpose', ' '],
      [...CLAIM, '--ttl', 'soon'],
      [...CLAIM, '--ttl', 'never'],
      [...CLAIM, '--nonsense'],
    ]) {
      const said = await runIn(await make(), options)
      expect(said, options.join(' ')).toMatchObject({ status: 2, stdout: '', ran: false })
    }
  })
})

it.each([
  ['--dsn', 'nonsense'],
  ['--session', 'a\nb'],
])('a run whose own %s is %j exits 2, and runs nothing', async (option, value) => {
  expect(await runIn(dsn(`sqlite:${scratchFolder()}/b.db`), [option, value, ...CLAIM])).toMatchObject({
    status: 2,
    stdout: '',
    ran: false,
  })
})

it('names only the labels that are not claimed, and keeps the others while the command runs', async () => {
  await using server = await PresenceServer.start(`sqlite:${scratchFolder()}/board.db`)
  // A proxy that fails for the claim of one label.
  const proxy = createHttpServer(async (request, answer) => {
    const body = await text(request)
    if (request.url === '/api/v1/claim' && body.includes('node:b')) {
      answer.writeHead(403, VERSIONED).end(ERROR)
      return
    }
    const { method = 'POST', url = '' } = request
    const passed = await fetch(server.url + url, {
      method,
      body,
      headers: { 'content-type': 'application/json' },
    })
    answer.writeHead(passed.status, VERSIONED).end(await passed.text())
  })
  onTestFinished(() => void proxy.close())
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const env = {
    PRESENCE_DSN: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    PRESENCE_SESSION_ID: 'ana',
    PATH: `${join(import.meta.dirname, '../bin')}:${process.env['PATH']}`,
    XDG_STATE_HOME: scratchFolder(),
  }
  const labels = ['node:a', 'node:b', 'node:c'].flatMap(label => ['--claim', label])
  const command = ['sh', '-c', 'presence list --json; exit 7']
  const said = await presence(['run', ...labels, '--purpose', 'x', '--', ...command], { env, within: 20_000 })
  expect(said.status).toBe(7)
  expect(said.stderr).toMatch(/^presence: NOT claimed node:b: /)
  const held = JSON.parse(said.stdout) as readonly { readonly resource_label: string }[]
  expect(held.map(claim => claim.resource_label)).toEqual(['node:a', 'node:c'])
  expect((await presence(['list', '--json'], { env })).stdout).toBe('[]\n')
})

it.skipIf(process.getuid?.() !== 0)(
  'runs its command where the board is read-only for its user (made by root)',
  async () => {
    const folder = scratchFolder()
    const board = `sqlite:${folder}/board.db`
    await presence(['claim', 'node:x', '--purpose', 'x'], {
      env: { PRESENCE_DSN: board, PRESENCE_SESSION_ID: 'root' },
    })
    chmodSync(folder, 0o755)
    chmodSync(`${folder}/board.db`, 0o644)
    const said = await presence(['run', ...CLAIM, '--', 'sh', '-c', 'exit 7'], {
      env: { PRESENCE_DSN: board, PRESENCE_SESSION_ID: 'ana', HOME: '/nonexistent' },
      uid: 65_534,
      within: 20_000,
    })
    expect(said).toMatchObject({
      status: 7,
      stderr: expect.stringMatching(/^presence: NOT claimed node:r: /),
    })
  },
)
