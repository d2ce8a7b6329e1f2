import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { until } from './until.ts'

/** Whether `program` is installed here. */
export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
}

/** A program in a real terminal (tmux), controlled key by key. */
export class Terminal implements Disposable {
  readonly #socket = `presence-${randomBytes(6).toString('hex')}`

  constructor(command: string, env: Readonly<Record<string, string>>, cwd: string) {
    const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    // As a person's terminal: tests may be run by an agent, whose variables programs recognise.
    const { PATH, HOME, TMPDIR, LANG, LC_ALL } = process.env
    this.#tmuxIn(
      { PATH, HOME, TMPDIR, LANG, LC_ALL },
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '150',
      '-y',
      '50',
      ...variables,
      '-c',
      cwd,
      command,
    )
  }

  /** Types the text literally, and then the named keys (`Tab`, `Enter`). */
  type(text: string, ...keys: readonly string[]): void {
    this.#tmux('send-keys', '-l', text)
    for (const key of keys) this.#tmux('send-keys', key)
  }

  screen(): string {
    return this.#tmux('capture-pane', '-p', '-J').trimEnd()
  }

  /** Waits for a text on the screen. */
  async shows(text: string | RegExp): Promise<string> {
    const fits = (screen: string) => (typeof text === 'string' ? screen.includes(text) : text.test(screen))
    let screen = ''
    await until(
      `${text} on a terminal`,
      () => {
        screen = this.screen()
        return fits(screen)
      },
      20_000,
    ).catch(error => {
      throw new Error(`${(error as Error).message}; it shows:\n${screen}`)
    })
    return screen
  }

  [Symbol.dispose](): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server'], { stdio: 'ignore' })
  }

  #tmux(...args: readonly string[]): string {
    return this.#tmuxIn(process.env, ...args)
  }

  #tmuxIn(env: Readonly<Record<string, string | undefined>>, ...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8', env })
  }
}
