import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type CliResult, presence } from '../cli.ts'

const ROOT = join(import.meta.dirname, '../../..')
const NODE = join(ROOT, 'node_modules/node/bin')

/** Where a person would install the command, and the Node that runs it. */
export const PATH = `${join(ROOT, 'packages/cli/bin')}:${NODE}:${process.env['PATH']}`

/** The same without presence. */
export const PATH_WITHOUT_PRESENCE = `${NODE}:/usr/bin:/bin`

/** A person's home folder, and a project in it. */
export interface Place {
  readonly home: string
  readonly project: string
  /** Runs presence as this person, in the project and outside of any agent. */
  presence(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>
}

/**
 * Makes an empty home folder. Not below /tmp, because Codex's sandbox lets commands write there and a home is
 * not usually there.
 */
export function newPlace(): Place {
  const base = existsSync('/var/tmp') ? '/var/tmp' : tmpdir()
  const home = realpathSync(mkdtempSync(join(base, 'presence-agent-')))
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  const project = join(home, 'project')
  mkdirSync(project)
  execFileSync('git', ['init', '-q', project])
  return {
    home,
    project,
    presence: (args, env = {}) => presence(args, { cwd: project, env: { PATH, HOME: home, ...env } }),
  }
}
