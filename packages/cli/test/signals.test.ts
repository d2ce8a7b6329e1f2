import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { run } from '../../../e2e/support/cli.ts'
import { LAUNCHERS, PATH } from '../../../e2e/support/launchers.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { until } from '../../../e2e/support/until.ts'

const CLAIM = ['--claim', 'node:r', '--purpose', 'x'] as const
const SHELLS = [['dash'], ['bash'], ['busybox', 'sh']] as const

/** The signals that a process ignores, from the text of its /proc/<pid>/status. */
function ignoredIn(status: string): readonly string[] {
  const mask = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return Object.entries(constants.signals)
    .filter(
      ([name, number]) =>
        !['SIGIOT', 'SIGPOLL', 'SIGUNUSED'].includes(name) && (mask >> BigInt(number - 1)) & 1n,
    )
    .map(([name]) => name.slice(3))
    .toSorted()
}

const newEnv = () => ({
  PATH,
  HOME: scratchFolder(),
  PRESENCE_DSN: `sqlite:${scratchFolder()}/board.db`,
  PRESENCE_SESSION_ID: 'ana',
})

/** Starts a program while some signals are ignored, as nohup does. */
function ignoring(signals: string, words: readonly string[]): readonly string[] {
  return ['sh', '-c', `trap '' ${signals}; exec "$@"`, 'sh', ...words]
}

describe.each(LAUNCHERS)('H5: %s', (_, launcher) => {
  it.each([
    'HUP',
    'INT QUIT',
    'TERM',
    'USR1 USR2 ALRM',
    'PIPE',
    'TSTP TTIN TTOU',
    'XCPU XFSZ',
    'HUP INT QUIT TERM PIPE USR1',
  ])('leaves %s ignored in the command of a run, under every shell', async signals => {
    for (const shell of SHELLS) {
      const command = [...shell, launcher, 'run', ...CLAIM, '--', 'cat', '/proc/self/status']
      const [program = '', ...args] = ignoring(signals, command)
      const said = await run(program, args, { env: newEnv(), cwd: '/', within: 20_000 })
      expect(said, shell.join(' ')).toMatchObject({ status: 0, stderr: '' })
      expect(ignoredIn(said.stdout), shell.join(' ')).toEqual(signals.split(' ').toSorted())
    }
  })

  it('ignores nothing in the command that was not ignored before, and adds no variable', async () => {
    for (const shell of SHELLS) {
      const [program = '', ...args] = [
        ...shell,
        launcher,
        'run',
        ...CLAIM,
        '--',
        'cat',
        '/proc/self/status',
        '/proc/self/environ',
      ]
      const said = await run(program, args, { env: newEnv(), cwd: '/', within: 20_000 })
      expect(ignoredIn(said.stdout), shell.join(' ')).toEqual([])
      expect(said.stdout).not.toContain('PRESENCE_IGNORED')
    }
  })

  it.each<[what: string, words: readonly string[], ready: RegExp]>([
    ['run', ['run', ...CLAIM, '--', 'sh', '-c', 'echo ready; read -r line; echo survived'], /ready/],
    ['run that waits', ['run', ...CLAIM, '--wait', '60s', '--', 'echo', 'survived'], /waiting for node:r/],
    ['serve', ['serve', '--port', '0'], /serving on/],
    ['watch', ['watch', '--json'], /"known"/],
    ['mcp', ['mcp'], /"result"/],
  ])(
    '%s outlives signals that were ignored at its start, and ends by the others',
    async (what, words, ready) => {
      const env = newEnv()
      const verb = (...args: string[]) =>
        run(launcher, args, { env: { ...env, PRESENCE_SESSION_ID: 'bob' }, cwd: '/', within: 20_000 })
      if (what === 'run that waits') await verb('claim', 'node:r', '--exclusive', '--purpose', 'x')
      const [program = '', ...args] = ignoring('HUP INT USR1', [launcher, ...words])
      const child = spawn(program, args, { env, cwd: '/', stdio: 'pipe', detached: true })
      onTestFinished(() => void child.kill('SIGKILL'))
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          said += text
        })
      if (what === 'mcp') child.stdin.write(INITIALIZE)
      await until(`${what} to be ready`, () => ready.test(said))
      const ended = once(child, 'exit')
      for (const name of ['SIGHUP', 'SIGINT', 'SIGUSR1'] as const)
        for (let at = 0; at < 3; at++) process.kill(-(child.pid ?? 0), name)
      // Whatever those signals did, they did before this call was answered.
      expect((await verb('list', '--json')).status).toBe(0)
      expect(child.exitCode ?? child.signalCode).toBeNull()
      if (what === 'run') child.stdin.write('\n')
      else if (what === 'run that waits') await verb('release', 'node:r')
      else child.kill('SIGTERM')
      const [status, signal] = await ended
      if (what.startsWith('run')) expect([status, said]).toEqual([0, expect.stringContaining('survived')])
      else expect([0, 143, 'SIGTERM']).toContain(status ?? signal)
    },
  )
})

const INITIALIZE = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
})}\n`

it('H5: without /proc, a shell finds out which signals are ignored', async () => {
  const { readFileSync } = await import('node:fs')
  const launch = readFileSync(new URL('../../process/launch.sh', import.meta.url), 'utf8')
  const script = `${launch.replaceAll('/proc/self/stat', '/no/proc')}\npresence_signals; echo "$PRESENCE_IGNORED"`
  for (const shell of SHELLS)
    for (const signals of ['HUP INT PIPE', 'TERM', '']) {
      const words = signals === '' ? [...shell, '-c', script] : ignoring(signals, [...shell, '-c', script])
      const [program = '', ...args] = words
      const said = await run(program, args, { env: { PATH }, cwd: '/', within: 20_000 })
      expect(said, shell.join(' ')).toEqual({ status: 0, stdout: `${signals}\n`, stderr: '' })
    }
})
