import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { pack } from '../../build/pack.ts'
import { type CliResult, run } from './cli.ts'

const ROOT = join(import.meta.dirname, '../..')
/** pnpm as this repository uses it. */
const PNPM = /pnpm@[\d.]+/.exec(readFileSync(join(ROOT, 'scripts/setup.mjs'), 'utf8'))?.[0] ?? 'pnpm'
/** Only stops a command that hangs. */
const WITHIN_MS = 120_000

/** How each package manager adds packages to a project. */
export const INSTALLERS = {
  npm: ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'],
  pnpm: ['npx', '--yes', PNPM, 'add', '--prefer-offline'],
} as const

const { PATH, ...SETTINGS } = process.env
/** The machine's own settings of its registry, and its own cache, in which the packages usually are. */
const INSTALLING = { ...SETTINGS, HOME: userInfo().homedir }

/** The tarballs, in the order of `pack`, for the tests of one file. */
export function packed(): { readonly core: string; readonly cli: string } {
  const folder = folderOfFile()
  const made = { core: '', cli: '' }
  beforeAll(() => {
    const [core = '', cli = ''] = pack(folder)
    Object.assign(made, { core, cli })
  })
  return made
}

/** A project of a user, with nothing but an empty manifest at first. */
export class UserProject {
  readonly folder = folderOfFile()

  constructor() {
    writeFileSync(join(this.folder, 'package.json'), '{ "name": "user", "private": true }\n')
  }

  /** Installs packages. */
  async install(installer: keyof typeof INSTALLERS, packages: readonly string[]): Promise<void> {
    const said = await this.run([...INSTALLERS[installer], ...packages], INSTALLING)
    if (said.status !== 0) throw new Error(`${installer} failed: ${said.stdout}${said.stderr}`)
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  /** Runs a command in the project. `node` is the Node on its PATH, the workspace's own by default. */
  run(
    [program = '', ...args]: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
    node = process.execPath,
  ): Promise<CliResult> {
    const home = join(this.folder, 'home')
    const path = `${join(this.folder, 'node_modules/.bin')}:${dirname(node)}:${PATH}`
    const whole = { PATH: path, HOME: home, ...env }
    return run(program, args, { cwd: this.folder, env: whole, within: WITHIN_MS })
  }
}

/** A folder that is deleted after the tests of its file. */
export function folderOfFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  return folder
}
