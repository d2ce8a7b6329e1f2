import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The agent as its vendor publishes it on npm. A newer one may ask its model for other things. */
const VERSION = '2.1.329'
const PACKAGE = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
// Not HOME: a test's is a folder of its own.
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(userInfo().homedir, '.cache'), 'presence/agents')
const FOLDER = join(CACHE, `claude-code-${VERSION}`)
const PROGRAM = join(FOLDER, 'node_modules', PACKAGE, 'claude')

/** A newcomer's `npm test` doesn't fetch 360 MB: CI does, and whoever has them already. */
export const hasClaudeCode = process.env['CI'] !== undefined || existsSync(PROGRAM)

/** Claude Code's program, fetched if need be into the cache outside the tree. */
async function claudeCode(): Promise<string> {
  if (existsSync(PROGRAM)) return PROGRAM
  const fetched = `${FOLDER}.${process.pid}`
  mkdirSync(fetched, { recursive: true })
  try {
    await run('npm', ['install', '--prefix', fetched, '--no-save', '--no-audit', `${PACKAGE}@${VERSION}`])
    renameSync(fetched, FOLDER)
  } catch (error) {
    if (!existsSync(PROGRAM)) throw error
  } finally {
    rmSync(fetched, { recursive: true, force: true })
  }
  return PROGRAM
}

interface Run {
  /** The folder that is its home, and the one of the project. */
  readonly home: string
  readonly project: string
  readonly modelUrl: string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

/** One prompt to its end, as `claude -p` runs it: without a person, and with nobody outside this machine asked. */
export async function promptClaude(
  prompt: string,
  { home, project, modelUrl, env, args = [] }: Run,
): Promise<{ readonly session_id: string; readonly result: string }> {
  const { stdout } = await runClaude(['-p', prompt, '--output-format', 'json', ...args], {
    home,
    cwd: project,
    env: { ANTHROPIC_BASE_URL: modelUrl, ANTHROPIC_API_KEY: 'sk-ant-nobody', ...env },
  })
  return JSON.parse(stdout)
}

export async function runClaude(
  args: readonly string[],
  { home, cwd, env = {} }: { home: string; cwd: string; env?: Readonly<Record<string, string>> },
): Promise<{ readonly stdout: string }> {
  const { PATH = '' } = process.env
  const quiet = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' }
  const running = run(await claudeCode(), [...args], {
    cwd,
    env: { PATH, HOME: home, ...quiet, ...env },
    timeout: 60_000,
  })
  running.child.stdin?.end()
  return running
}
