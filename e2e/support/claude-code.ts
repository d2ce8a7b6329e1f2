import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasNpmProgram } from '../../toolchain/npm.mjs'

const run = promisify(execFile)

/** A newcomer's `npm test` doesn't fetch 360 MB: CI does, and whoever has them already. */
export const hasClaudeCode = process.env['CI'] !== undefined || hasNpmProgram('claude-code')

const NPM = join(import.meta.dirname, '../../toolchain/npm.mjs')
/** Fetched if need be. Not in this process, which must answer the test runner meanwhile. */
async function claudeCode(): Promise<string> {
  return (await run(process.execPath, [NPM, 'claude-code'])).stdout.trim()
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
    timeout: 240_000,
  })
  running.child.stdin?.end()
  return running
}
