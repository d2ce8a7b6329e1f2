import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Environment, isFault, openBoard } from '@presence/core'
import { sandboxName } from '@presence/core/internal'
import { broken, type Finding, note, ok } from '../finding.ts'
import { parsed } from './json.ts'
import { LOOK_AT_BOARD } from './problem.ts'
import { type ProgramResult, runProgram } from './program.ts'

/** How long a command in a sandbox may take, in milliseconds: the sandbox itself takes a second to start. */
const SANDBOX_MS = 15_000
/** A command that asks the board and changes nothing on it. */
const ASK = ['presence', 'list', '--mine', '--json', '--strict'] as const
/** Codex's default for the commands in a project that the user trusts. */
const WORKSPACE_WRITE = ['-c', 'sandbox_mode="workspace-write"'] as const

interface Wired {
  /** The agents whose hooks or tools presence has set up. */
  readonly agents: ReadonlySet<string>
  /** The agents that have presence's tools, whose server runs outside of the sandbox. */
  readonly withTools: ReadonlySet<string>
}

/**
 * Tries whether the board can be used where agents run their commands. Inside a sandbox it asks the board itself.
 * Outside, it runs a command in Codex's sandbox, as Codex would.
 */
export async function checkSandbox(
  { agents, withTools }: Wired,
  env: Environment,
  cwd: string,
): Promise<readonly Finding[]> {
  const name = sandboxName(env)
  if (name !== undefined) return [await checkHere(name, env, cwd)]
  return agents.has('codex') ? [await checkCodex(withTools.has('codex'), env, cwd)] : []
}

async function checkHere(name: string, env: Environment, cwd: string): Promise<Finding> {
  try {
    await using board = await openBoard({ env, cwd, outbox: false })
    await board.list({ mine: true })
    return ok('sandbox', `doctor runs inside ${name}, and the board answers there`)
  } catch (error) {
    if (!isFault(error)) throw error
    return broken('sandbox', `doctor runs inside ${name}: ${error.message}`, error.remedy)
  }
}

async function checkCodex(hasTools: boolean, env: Environment, cwd: string): Promise<Finding> {
  const check = 'codex sandbox'
  if (!isOnPath('codex', env))
    return note(
      check,
      'Codex runs commands in a sandbox, and doctor could not try it, because codex is not on PATH',
      'to try it, let Codex run: presence doctor',
    )
  const asked = await askInside(env, cwd)
  const { error } = parsed<{ error?: Said }>(asked.stdout) ?? {}
  if (asked.status === 0) return ok(check, 'commands that Codex runs reach the board')
  if (error === undefined)
    return note(
      check,
      `a command could not be run in Codex's sandbox: ${asked.stderr.trim().split('\n').at(-1) || 'no answer'}`,
      'to try it, let Codex run: presence doctor',
    )
  if (error.code !== 'sandboxed') return note(check, `not tried: ${error.message}`, LOOK_AT_BOARD)
  const message = `commands that Codex runs can't use the board: ${error.message}`
  return hasTools
    ? note(
        check,
        `${message}; its tools can`,
        error.remedy.replace(/^[^;]*MCP tools[^;]*;/, 'let it use them;'),
      )
    : broken(check, message, error.remedy)
}

/** The error object of a command. */
interface Said {
  readonly code: string
  readonly message: string
  readonly remedy: string
}

/** Since version 0.145 Codex knows its platform itself. Earlier versions want it named. */
async function askInside(env: Environment, cwd: string): Promise<ProgramResult> {
  const options = { env, cwd, ms: SANDBOX_MS }
  const mode = hasOwnMode(env) ? [] : WORKSPACE_WRITE
  const asked = await runProgram(['codex', 'sandbox', ...mode, '--', ...ASK], '', options)
  if (asked.status === 0 || parsed(asked.stdout) !== undefined) return asked
  const platform = process.platform === 'darwin' ? 'macos' : 'linux'
  const again = await runProgram(['codex', 'sandbox', platform, '--full-auto', '--', ...ASK], '', options)
  return again.status === 0 || parsed(again.stdout) !== undefined ? again : asked
}

/** True if the user has chosen what Codex's commands may do. */
function hasOwnMode(env: Environment): boolean {
  const home = env['CODEX_HOME'] || join(env['HOME'] || homedir(), '.codex')
  try {
    return /^\s*(sandbox_mode|default_permissions)\s*=/m.test(readFileSync(join(home, 'config.toml'), 'utf8'))
  } catch {
    return false
  }
}

function isOnPath(program: string, env: Environment): boolean {
  return (env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, program)))
}
