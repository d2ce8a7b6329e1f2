import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { PRESENCE } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const run = promisify(execFile)
const INSPECTOR = join(
  import.meta.dirname,
  '../../../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
)

/** Returns a function that runs the official inspector's command line, on a new board. */
function inspector() {
  const folder = scratchFolder()
  const env = { PATH: process.env['PATH'], HOME: folder }
  const target = [PRESENCE, 'mcp', '--dsn', `sqlite:${folder}/board.db`, '--session', 'ana']
  return async (...args: readonly string[]) => {
    const { stdout } = await run(process.execPath, [INSPECTOR, '--cli', ...target, ...args], {
      env,
      cwd: folder,
    })
    return JSON.parse(stdout)
  }
}

const CALLS: readonly (readonly [name: string, args: readonly string[], says: RegExp])[] = [
  ['claim', ['label=node:a', 'purpose=drain it'], /^Claimed node:a/],
  ['list', ['mine=true'], /^1 live claim at/],
  ['peek', ['label=node:a'], /^node:a is held/],
  ['wait', ['label=node:a', 'seconds=0'], /^No other session holds node:a/],
  ['release', ['label=node:a'], /^Released node:a/],
  ['coord_register_presence', ['role=backend'], /^Registered as session ana/],
  ['coord_heartbeat', [], /^Alive/],
  ['coord_get_presence', [], /^1 session at/],
  [
    'coord_send_message',
    ['subject=ready', 'body=the build is ready', 'to=ana@laptop'],
    /^Sent to ana@laptop/,
  ],
  ['coord_check_messages', [], /^No unread messages/],
  ['coord_deregister_presence', [], /^Session ana has ended/],
]

describe('the official inspector', () => {
  it('lists the tools, accepts their schemas as portable, and calls each', async () => {
    const inspect = inspector()
    // --strict exits with 6 if some client can't read a schema.
    const { tools } = await inspect('--method', 'tools/list', '--strict')
    expect(tools.map(({ name }: { name: string }) => name).toSorted()).toEqual(
      CALLS.map(([name]) => name).toSorted(),
    )
    for (const [name, args, says] of CALLS) {
      const pairs = args.length === 0 ? [] : ['--tool-arg', ...args]
      const said = await inspect('--method', 'tools/call', '--tool-name', name, ...pairs)
      expect(said.isError, JSON.stringify(said)).toBeFalsy()
      expect(said.content[0].text).toMatch(says)
      expect(said.structuredContent).toBeTypeOf('object')
    }
  }, 180_000)
})
