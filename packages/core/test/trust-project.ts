import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { resolveBoard } from '../src/config/board.ts'
import { readConfigs } from '../src/config/file.ts'
import { trust } from '../src/config/trust.ts'
import { PresenceError } from '../src/domain/fault.ts'

/** A user with a project, in folders of one test. */
export class TrustProject {
  readonly root = mkdtempSync(join(tmpdir(), 'presence-trust-'))
  readonly project = join(this.root, 'project')
  readonly env = { XDG_CONFIG_HOME: join(this.root, 'xdg'), XDG_STATE_HOME: join(this.root, 'state') }

  constructor() {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }))
    mkdirSync(join(this.project, 'src'), { recursive: true })
  }

  /** Writes a file, by its path below the root. */
  put(path: string, content: unknown): string {
    const file = join(this.root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }

  /** Writes the project's config file. */
  says(content: unknown): string {
    return this.put('project/.presence/config.json', content)
  }

  /** What names the board that is used, or the code of the fault. */
  async used(more: Record<string, string> = {}, cwd = join(this.project, 'src')): Promise<string> {
    try {
      return (await resolveBoard(undefined, { ...this.env, ...more }, cwd)).from
    } catch (error) {
      if (error instanceof PresenceError) return error.code
      throw error
    }
  }

  async faultOf(more: Record<string, string> = {}): Promise<PresenceError> {
    const asked = resolveBoard(undefined, { ...this.env, ...more }, this.project)
    const fault: unknown = await asked.catch(error => error)
    if (fault instanceof PresenceError) return fault
    throw new Error('no fault')
  }

  /** Trusts what the project's file says now. */
  trustIt(): void {
    for (const file of readConfigs(this.project, this.env).files) trust(file, this.env)
  }
}
