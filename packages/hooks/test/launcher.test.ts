import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openBoard } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../../e2e/support/until.ts'
import { WIRING_AGENTS } from '../../cli/src/wiring/agents.ts'
import { type HookResult, hook } from './hook-process.ts'
import { payload } from './hostile.ts'

const ROOT = join(import.meta.dirname, '../../..')
const NODE = join(ROOT, 'node_modules/node/bin/node')

let home: string
/** A checkout without a Node of its own, so that the Node on PATH is used. */
let checkout: string
/** A folder on PATH with nothing but what a test puts there. */
let bin: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
  checkout = join(home, 'checkout')
  bin = join(home, 'bin')
  mkdirSync(bin)
  for (const file of [
    'cli/bin/presence',
    'hooks/bin/presence-hook',
    'process/launch.sh',
    'process/trouble.sh',
  ]) {
    mkdirSync(dirname(join(checkout, 'packages', file)), { recursive: true })
    copyFileSync(join(ROOT, 'packages', file), join(checkout, 'packages', file))
  }
  for (const program of ['cli', 'hooks'])
    cpSync(join(ROOT, 'packages', program, 'dist'), join(checkout, 'packages', program, 'dist'), {
      recursive: true,
    })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const PLUGIN = join(ROOT, 'dist/claude-code-plugin')
/** The command of an event in a settings file, as an agent's shell runs it. */
function commandIn(hooks: Readonly<Record<string, unknown>>, event: string): string {
  const [, command = ''] = /"command":("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(hooks[event])) ?? []
  return JSON.parse(command)
}
function wiredCommand(agent: string, event: string): string {
  const options = {
    user: false,
    denyTaskTools: false,
    releaseOnStop: false,
    statusLine: false,
    server: undefined,
    guard: 'off' as const,
    viaMcp: false,
  }
  const wired = WIRING_AGENTS.find(({ name }) => name === agent)?.wired(options) ?? []
  return commandIn(Object.fromEntries(wired.map(each => [each.event, each.entry])), event)
}

/** Every copy of the launcher, as a command for `sh -c`. */
const LAUNCHERS: readonly (readonly [name: string, command: (event: string) => string])[] = [
  ['presence-hook', event => `exec '${checkout}/packages/hooks/bin/presence-hook' ${event}`],
  ['presence hook', event => `exec '${checkout}/packages/cli/bin/presence' hook ${event}`],
  ['the command of one file', event => `exec '${ROOT}/dist/presence' hook ${event}`],
  [
    'the plugin',
    event => {
      const { hooks } = JSON.parse(readFileSync(join(PLUGIN, 'hooks/hooks.json'), 'utf8'))
      return commandIn(hooks, event)
    },
  ],
  ['a settings file, with a checkout', event => wiredCommand('claude-code', event)],
  [
    'a settings file, with the command of one file',
    event => `unset CHECKOUT; ${wiredCommand('claude-code', event)}`,
  ],
]

/** Runs a launcher with the Node and the other programs in `bin`. */
function launch(
  command: string,
  { event = '', input = payload({ source: 'startup', reason: 'other' }) } = {},
) {
  const isOneFile = command.includes('unset CHECKOUT')
  const presence = join(bin, 'presence')
  rmSync(presence, { force: true })
  symlinkSync(isOneFile ? join(ROOT, 'dist/presence') : join(checkout, 'packages/cli/bin/presence'), presence)
  return hook({
    args: ['-c', command],
    launcher: ['sh'],
    input,
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      HOME: home,
      PRESENCE_DSN: `sqlite:${home}/board.db`,
      CLAUDE_PLUGIN_ROOT: PLUGIN,
      CLAUDE_PLUGIN_DATA: home,
      EVENT: event,
    },
  })
}

/** A `node` on PATH that is this script. */
function nodeIs(script: string): void {
  writeFileSync(join(bin, 'node'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, 'node'), 0o755)
}
/** A Node that says it is older, also to the program that it runs. */
function nodeIsOlder(version: string): void {
  writeFileSync(
    join(bin, 'old.cjs'),
    `Object.defineProperty(process.versions, 'node', { value: '${version}' })`,
  )
  nodeIs(
    `[ "$1" != --version ] || { echo v${version}; exit; }\nexec '${NODE}' --require '${bin}/old.cjs' "$@"`,
  )
}

function contextIn({ stdout }: HookResult): string {
  return JSON.parse(stdout).hookSpecificOutput.additionalContext
}

const BROKEN_NODES: readonly (readonly [name: string, script: string | undefined, words: RegExp])[] = [
  ['exits with 2', 'exit 2', /node does not start/],
  ['exits with 126', 'exit 126', /node does not start/],
  ['exits with 127', 'exit 127', /node does not start/],
  [
    'exits with 1 after its version',
    '[ "$1" = --version ] && { echo v24.1.0; exit; }; exit 1',
    /Node did not run its program/,
  ],
  [
    'prints something else as its version',
    `[ "$1" = --version ] && echo 'v22"}{"'; exit 3`,
    /node does not start/,
  ],
  ['crashes', 'kill -SEGV $$', /node does not start/],
  ['is killed', 'kill -KILL $$', /node does not start/],
  ['can’t be executed', undefined, /no node on PATH|node does not start/],
]

describe.each(LAUNCHERS)('a hook always exits 0: %s,', (_, command) => {
  it.each(BROKEN_NODES)('if node %s; and says so once, at the start', async (__, script, words) => {
    // Found before any other Node that the machine has.
    if (script === undefined) mkdirSync(join(bin, 'node'))
    else nodeIs(script)
    if (script === undefined && existsSync('/usr/bin/node')) return
    for (const event of ['UserPromptSubmit', 'PostToolUse', 'SessionEnd'])
      expect(await launch(command(event))).toMatchObject({ status: 0, stdout: '' })
    const start = await launch(command('SessionStart'))
    expect(start.status).toBe(0)
    expect(contextIn(start)).toMatch(words)
  })

  it.each(['18.20.4', '20.20.2', '22.15.1'])(
    'if Node is too old (%s); and says so once, at the start',
    async version => {
      nodeIsOlder(version)
      for (const event of ['UserPromptSubmit', 'PostToolUse', 'SessionEnd'])
        expect(await launch(command(event))).toMatchObject({ status: 0, stdout: '' })
      const start = await launch(command('SessionStart'))
      expect(start.status).toBe(0)
      const [major, minor] = version.split('.')
      expect(contextIn(start)).toContain(`Node ${major}.${minor} is too old`)
      expect(contextIn(start)).toContain('install Node 22.16 or newer')
      expect(start.stdout.trim().split('\n')).toHaveLength(1)
    },
  )

  it('if nothing reads its output, or its output is closed', async () => {
    nodeIs('exit 2')
    for (const redirection of ['>&-', '2>&-', '>&- 2>&-', '>/dev/full', '<&-', '<&- >&- 2>&-'])
      for (const event of ['SessionStart', 'UserPromptSubmit']) {
        const run = command(event).replace(/^exec /, '')
        expect((await launch(`( ${run} ) ${redirection}`)).status, redirection).toBe(0)
      }
    // The reader ends before the hook writes.
    const run = command('SessionStart').replace(/^exec /, '')
    const { stdout } = await launch(`exec 3>&1; { sleep 0.1; ( ${run} ); echo "status $?" >&3; } | true`)
    expect(stdout).toBe('status 0\n')
  })

  it('and works with a Node that is new enough', async () => {
    symlinkSync(NODE, join(bin, 'node'))
    await using board = await openBoard({ dsn: `sqlite:${home}/board.db`, session: 'bob', env: {} })
    await board.claim('node:a', { purpose: 'drain' })
    const said = await until('an answer of the board', async () => {
      const start = await launch(command('SessionStart'), {
        input: payload({ source: 'startup', at: Math.random() }),
      })
      expect(start).toMatchObject({ status: 0, stderr: '' })
      return start.stdout.includes('by bob')
    })
    expect(said).toBe(true)
  })
})

describe('a hook of a checkout exits 0, and says at the start what is missing,', () => {
  it.each([
    ['the program', 'hooks/dist/presence-hook.cjs', /dist\/presence-hook\.cjs/],
    ['the launcher', 'hooks/bin/presence-hook', /bin\/presence-hook/],
    ['how to say it', 'process/trouble.sh', undefined],
    ['everything', 'hooks', /presence-hook/],
  ])('without %s', async (_, path, words) => {
    symlinkSync(NODE, join(bin, 'node'))
    rmSync(join(checkout, 'packages', path), { recursive: true })
    if (path.endsWith('trouble.sh')) rmSync(join(checkout, 'packages/hooks/dist'), { recursive: true })
    const [, command] = LAUNCHERS[1] ?? []
    for (const event of ['UserPromptSubmit', 'SessionEnd', 'SessionStart']) {
      const result = await launch(command?.(event) ?? '')
      expect(result.status).toBe(0)
      if (event === 'SessionStart' && words) expect(contextIn(result)).toMatch(words)
      else expect(result.stdout).toBe('')
    }
  })

  it('in an unreadable folder', async () => {
    symlinkSync(NODE, join(bin, 'node'))
    chmodSync(home, 0o755)
    chmodSync(join(checkout, 'packages/hooks/dist'), 0)
    const run = `'${checkout}/packages/cli/bin/presence' hook SessionStart`
    const user = process.getuid?.() === 0 ? 'setpriv --reuid 12345 --regid 12345 --clear-groups ' : ''
    const result = await launch(`${user}${run}`)
    expect(result.status).toBe(0)
    expect(contextIn(result)).toMatch(/missing or not readable/)
  })

  it('without readlink', async () => {
    const only = join(home, 'only')
    mkdirSync(only)
    for (const name of ['mkdir', 'find'])
      symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(only, name))
    symlinkSync(NODE, join(only, 'node'))
    for (const name of ['cli/bin/presence hook', 'hooks/bin/presence-hook']) {
      const result = await launch(`PATH='${only}'; ${checkout}/packages/${name} UserPromptSubmit`)
      expect(result).toMatchObject({ status: 0, stderr: '' })
    }
  })
})

it('Cursor is told in its own form', async () => {
  nodeIsOlder('20.20.2')
  const start = await launch(`${wiredCommand('cursor', 'sessionStart')}`)
  expect(JSON.parse(start.stdout).additional_context).toContain('Node 20.20 is too old')
  expect((await launch(wiredCommand('cursor', 'beforeSubmitPrompt'))).stdout).toBe('')
})

it('the agent’s process is known through the shells between it and the hook', async () => {
  symlinkSync(NODE, join(bin, 'node'))
  const start = JSON.stringify({ session_id: 'g1', cwd: '/', source: 'startup' })
  const script = `echo '${start}' | sh -c "$START"; sh -c 'presence claim node:g --purpose drain'; true`
  const wired = wiredCommand('gemini-cli', 'SessionStart')
  await launch(`START='${wired}'; export START; sh -c '${script.replaceAll("'", `'\\''`)}'; true`)
  await using board = await openBoard({ dsn: `sqlite:${home}/board.db`, session: 'eve', env: {} })
  const said = await board.list()
  expect(said.ok && said.claims.map(({ session, label }) => `${session.id} ${label}`)).toEqual(['g1 node:g'])
})

describe('an agent that no longer waits for a hook', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends its Node too, with %s', async signal => {
    for (const launcher of [
      [join(checkout, 'packages/hooks/bin/presence-hook')],
      [join(ROOT, 'dist/presence'), 'hook'],
    ]) {
      const pidFile = join(home, 'pid')
      rmSync(pidFile, { force: true })
      nodeIs(`echo $$ >'${pidFile}.new'; mv '${pidFile}.new' '${pidFile}'; exec sleep 60`)
      const [program = '', ...args] = launcher
      const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: home }
      const child = spawn(program, [...args, 'UserPromptSubmit'], {
        env,
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const ended = new Promise(resolve => child.on('exit', (...how) => resolve(how)))
      const pid = await until(
        'Node to start',
        () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim(),
      )
      child.kill(signal)
      expect(await ended).toEqual([0, null])
      await until('Node to end', () => !existsSync(`/proc/${pid}`))
    }
  })
})

describe('a command says what to install, that nothing is claimed, and exits 2,', () => {
  const COMMANDS: readonly (readonly [words: string, notClaimed: string])[] = [
    ['claim node:r --purpose x', 'NOT claimed node:r: '],
    ['--session s claim --ttl 5m --exclusive --json node:r --purpose=x', 'NOT claimed node:r: '],
    ['--json claim --purpose x -- node:r', 'NOT claimed node:r: '],
    ["claim 'node:\"r\\' --purpose x --json", 'NOT claimed node:"r\\: '],
    ['claim "$(printf \'node:r\\033[2J\')" --json', 'NOT claimed what you asked for: '],
    ['steal stack:gpu --reason node:no --json', 'NOT claimed stack:gpu: '],
    [
      'run --exclusive --claim node:r --claim=node:s --purpose x -- touch ran',
      'NOT claimed node:r, node:s: ',
    ],
    ['run --strict --claim node:r --purpose x -- echo --json', 'NOT claimed node:r: '],
    ['list --json', ''],
    ['--help', ''],
    ['release node:r --note claim --json', ''],
  ]
  it.each<[string, () => void, RegExp]>([
    ['an old Node', () => nodeIsOlder('20.20.2'), /Node 20\.20(\.2)? is too old/],
    ['no Node', () => {}, /there is no node on PATH/],
  ])('with %s', async (_, prepare, why) => {
    prepare()
    for (const name of ['readlink', 'touch', 'mkdir'])
      symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(bin, name))
    for (const program of [join(ROOT, 'dist/presence'), join(checkout, 'packages/cli/bin/presence')])
      for (const [words, notClaimed] of COMMANDS) {
        const said = await launch(`cd '${home}'; PATH='${bin}'; export PATH; '${program}' ${words}`)
        expect(said.status, words).toBe(2)
        const [first = '', ...rest] = said.stderr.split('\n')
        expect(first.startsWith(`presence: ${notClaimed}`), first).toBe(true)
        expect(first.slice(`presence: ${notClaimed}`.length), words).toMatch(
          new RegExp(`^${why.source}; install Node 22\\.16 or newer$`),
        )
        expect(rest, words).toEqual([''])
        if (!words.includes('--json') || words.startsWith('run')) expect(said.stdout, words).toBe('')
        else
          expect(JSON.parse(said.stdout), words).toEqual({
            error: {
              code: 'cannot_start',
              message: expect.stringMatching(why),
              remedy: 'install Node 22.16 or newer',
            },
          })
      }
    expect(existsSync(join(home, 'ran'))).toBe(false)
  })

  it('but not because of settings for other Node programs', async () => {
    symlinkSync(NODE, join(bin, 'node'))
    for (const setting of ['NODE_OPTIONS=--no-such-option', 'NODE_ICU_DATA=/gone'])
      expect(await launch(`${setting} '${checkout}/packages/cli/bin/presence' list --json`)).toMatchObject({
        status: 0,
        stdout: '[]\n',
        stderr: '',
      })
  })
})

describe('an MCP client is told why presence does not start', () => {
  it.each([
    ['an old Node', () => nodeIsOlder('20.20.2'), 'Node 20.20 is too old'],
    ['a Node that does not start', () => nodeIs('exit 126'), 'node does not start'],
  ])('with %s', async (_, prepare, words) => {
    prepare()
    for (const program of [join(ROOT, 'dist/presence'), join(checkout, 'packages/cli/bin/presence')]) {
      const requests = [
        { jsonrpc: '2.0', id: 0, method: 'initialize', params: { clientInfo: { name: 'x', version: '1' } } },
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        { method: 'tools/list', params: {}, jsonrpc: '2.0', id: 'a-1' },
      ]
      const input = requests.map(each => `${JSON.stringify(each)}\n`).join('')
      const { stdout, stderr, status } = await launch(`'${program}' mcp`, { input })
      const answers = stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      expect(answers.map(({ id }) => id)).toEqual([0, 'a-1'])
      for (const { error } of answers) expect(error.message).toContain(words)
      expect(stderr).toContain(words)
      expect(status).toBe(3)
    }
  })
})
