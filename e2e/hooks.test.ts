import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type HookResult, hook } from '../packages/hooks/test/hook-process.ts'
import { answered } from './support/answered.ts'
import { standInFor } from './support/bd.ts'
import { presence, presenceOn } from './support/cli.ts'
import { rounds } from './support/rounds.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { until } from './support/until.ts'

/** An agent's process, as its hooks and the commands of its shell see it. */
class Agent {
  readonly #home: string
  readonly #dsn: string
  readonly #process = spawn('sleep', ['600'], { stdio: 'ignore' })
  readonly #envFile: string
  #moments = 0
  id: string

  constructor(dsn: string, id: string, home = scratchFolder()) {
    this.#dsn = dsn
    this.id = id
    this.#home = home
    this.#envFile = join(home, `env-${id}`)
  }

  get #env() {
    return {
      HOME: this.#home,
      PRESENCE_DSN: this.#dsn,
      CLAUDE_PID: String(this.#process.pid),
      CLAUDE_CODE_SESSION_ID: this.id,
      CLAUDE_ENV_FILE: this.#envFile,
    }
  }

  /** Runs the agent's hook until the board answers, and returns what it tells the agent. */
  hook(event: string, more: object = {}, env: Record<string, string> = {}): Promise<string> {
    return answered(() => this.hookOnce(event, more, env))
  }

  /** The same, once: also if the board gives no answer. */
  async hookOnce(event: string, more: object = {}, env: Record<string, string> = {}): Promise<string> {
    // Two prompts with the same text count as two events here, because no test waits as long as real prompts
    // are apart.
    const moment = {
      session_id: this.id,
      cwd: this.#home,
      hook_event_name: event,
      prompt_id: this.#moments++,
    }
    const input = JSON.stringify({ ...moment, ...more })
    const result: HookResult = await hook({ args: [event], input, env: { ...this.#env, ...env } })
    expect(result.status).toBe(0)
    expect(result.stderr).toBe('')
    return result.stdout === '' ? '' : JSON.parse(result.stdout).hookSpecificOutput.additionalContext
  }

  /** Ends the session, again until it holds nothing: a hook that has no time to release leaves that to expiry. */
  end(reason: string, env: Record<string, string> = {}): Promise<unknown> {
    return until(`${this.id} to hold nothing`, async () => {
      await this.hook('SessionEnd', { reason }, env)
      const { status, stdout } = await presenceOn(this.#dsn, 'eve')('list', '--json', '--strict')
      return status === 0 && !stdout.includes(`"${this.id}"`)
    })
  }

  /** Runs a command in the agent's shell, with the variables that its start hook exported. */
  shell(...args: string[]) {
    const exported = /PRESENCE_SESSION_ID='([^']*)'(?![\s\S]*PRESENCE_SESSION_ID)/.exec(
      readFileSync(this.#envFile, 'utf8'),
    )
    return presence(args, { env: { ...this.#env, PRESENCE_SESSION_ID: exported?.[1] } })
  }

  /** The text of the agent's status line. */
  async statusline(): Promise<string> {
    return (await presence(['statusline', '--agent-session', this.id], { env: this.#env })).stdout
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }
}

describeEachEngine('an agent with hooks', engine => {
  it('sees the other session, is seen, and releases its claims at its end, without doing anything itself', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const [ana, bob] = [new Agent(dsn, 'session-ana'), new Agent(dsn, 'session-bob')]
    for (const agent of [ana, bob])
      expect(await agent.hook('SessionStart', { source: 'startup' })).toContain(
        'no other session has a claim',
      )
    await ana.shell('claim', 'node:k8s-1', '--purpose', 'drain for the kernel')

    expect(await ana.statusline(), 'nothing was asked since').toBe('presence: 0 mine, 0 others\n')
    expect(await bob.hook('UserPromptSubmit', { prompt: 'drain k8s-1' })).toMatch(
      /node:k8s-1: "drain for the kernel" by session-ana \(claude-code, /,
    )
    expect((await bob.shell('claim', 'node:k8s-1', '--purpose', 'restart')).stdout).toContain('session-ana')
    expect(await ana.hook('UserPromptSubmit', { prompt: 'go on' })).toMatch(
      /node:k8s-1, which you hold, is also claimed: "restart" by session-bob/,
    )

    await ana.end('prompt_input_exit')
    expect(await bob.hook('UserPromptSubmit', { prompt: 'now?' })).toContain(
      'ended: node:k8s-1 by session-ana',
    )
    expect(await bob.hook('UserPromptSubmit', { prompt: 'and now?' })).toBe('')
    await bob.end('logout')
    expect((await bob.shell('list')).stdout).toBe('presence: no active claims\n')
    for (const agent of [ana, bob]) agent.kill()
  })

  it('keeps its session and its claims after /clear, under another id', async () => {
    let isReleased = false
    const round = async () => {
      const { dsn } = await newBoardOn(engine.port)
      const ana = new Agent(dsn, 'before-clear')
      await ana.hook('SessionStart', { source: 'startup' })
      await ana.shell('claim', 'db:orders', '--purpose', 'migrate')
      await ana.hook('SessionEnd', { reason: 'clear' })
      ana.id = 'after-clear'
      await ana.hook('SessionStart', { source: 'clear' })

      const [claim] = JSON.parse((await ana.shell('list', '--json')).stdout)
      expect(claim).toMatchObject({ session_id: 'before-clear', is_me: true })
      const said = await ana.hook('UserPromptSubmit', { prompt: 'go on' })
      expect(said, 'its own claim is not reported').toBe('')
      await ana.hook('SessionEnd', { reason: 'prompt_input_exit' })
      isReleased = (await ana.shell('list')).stdout === 'presence: no active claims\n'
      ana.kill()
    }
    // A hook that has no time to release leaves that to expiry.
    await rounds(1, round, () => isReleased)
    expect(isReleased).toBe(true)
  })

  it('that was killed leaves claims that expire, and learns about it when it is resumed', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const home = scratchFolder()
    const ana = new Agent(dsn, 'killed', home)
    await ana.hook('SessionStart', { source: 'startup' })
    await ana.shell('claim', 'stack:gpu', '--purpose', 'apply', '--ttl', '1s')
    ana.kill()
    const bob = new Agent(dsn, 'bob')
    await bob.hook('SessionStart', { source: 'startup' })
    await expect
      .poll(() => bob.hook('UserPromptSubmit', { prompt: 'x' }), { timeout: 20_000 })
      .toMatch(
        /\nClaims that lapsed without a release; .*\n- stack:gpu: "apply" by killed, last heartbeat .*, lapsed .*$/,
      )
    await bob.shell('claim', 'stack:gpu', '--purpose', 'mine now')

    const resumed = new Agent(dsn, 'killed', home)
    expect(await resumed.hook('SessionStart', { source: 'resume' })).toMatch(
      /your claim on stack:gpu \("apply"\) lapsed .*; the label is held now by bob/,
    )
    for (const agent of [bob, resumed]) agent.kill()
  })

  it('stores its release in the outbox if the server is unreachable, and delivers it with the next session', async () => {
    const server = await engine.start()
    const { dsn } = await newBoardOn(server.port)
    const home = scratchFolder()
    const ana = new Agent(dsn, 'ana', home)
    await ana.hook('SessionStart', { source: 'startup' })
    await ana.shell('claim', 'node:a', '--purpose', 'p')
    await server.kill()
    expect(await ana.hookOnce('UserPromptSubmit', { prompt: 'x' })).toMatch(/unknown since/)
    expect(await ana.statusline()).toBe('presence: unknown\n')
    const outbox = join(home, '.local/state/presence/queue')
    await until('the release in the outbox', async () => {
      await ana.hookOnce('SessionEnd', { reason: 'prompt_input_exit' })
      return readdirSync(outbox).some(file => file.endsWith('.jsonl'))
    })
    await server.run()
    const next = new Agent(dsn, 'next', home)
    await next.hook('SessionStart', { source: 'startup' })
    // On a busy machine the hook's time may be over before: the next call delivers it.
    const nothing = 'presence: no active claims\n'
    await until('the release', async () => (await next.shell('list')).stdout === nothing)
    for (const agent of [ana, next]) agent.kill()
    await server.stop()
  })

  it('is told in time by every hook that the state is unknown if the server hangs', async () => {
    const server = await engine.start()
    const { dsn } = await newBoardOn(server.port)
    const ana = new Agent(dsn, 'ana')
    await ana.hook('SessionStart', { source: 'startup' })
    await ana.shell('claim', 'node:a', '--purpose', 'p')
    server.freeze()
    // The agent kills each hook after the configured time, and then has no answer.
    for (const [event, more] of [
      ['SessionStart', { source: 'resume' }],
      ['UserPromptSubmit', { prompt: 'x' }],
    ] as const) {
      // On a busy machine its time may be over before it asked.
      const isEarly = (said: string) => said.includes('the hook ran out of time')
      const said = await answered(() => ana.hookOnce(event, more), isEarly)
      expect(said).toMatch(/unknown since \d{4}-/)
    }
    expect(await ana.hookOnce('PostToolUse', { tool_name: 'Bash' })).toBe('')
    await ana.hookOnce('SessionEnd', { reason: 'prompt_input_exit' })
    await server.stop()
    ana.kill()
  })

  it.skipIf(process.getuid?.() !== 0)('works with a full disk under its state folder', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const home = scratchFolder()
    const state = join(home, 'state')
    mkdirSync(state)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', state])
    try {
      execFileSync('sh', [
        '-c',
        `mkdir -p ${state}/presence; cat /dev/zero >${state}/full 2>/dev/null || true`,
      ])
      const env = { XDG_STATE_HOME: state }
      const ana = new Agent(dsn, 'ana', home)
      await presenceOn(dsn, 'bob')('claim', 'node:a', '--purpose', 'drain')
      expect(await ana.hook('SessionStart', { source: 'startup' }, env)).toContain('by bob')
      await ana.shell('claim', 'node:b', '--purpose', 'p')
      expect(await ana.hook('UserPromptSubmit', { prompt: 'x' }, env), 'nothing can be recorded').toContain(
        'by bob',
      )
      await ana.hook('PostToolUse', { tool_name: 'Bash' }, env)
      await ana.end('logout', env)
      expect((await presenceOn(dsn, 'bob')('list')).stdout).not.toContain('node:b')
      ana.kill()
    } finally {
      execFileSync('umount', [state])
    }
  })

  it('is told at its start what to fix on this machine, and still reaches the board', async () => {
    const { dsn } = await newBoardOn(engine.port)
    const home = scratchFolder()
    const name = encodeURIComponent(dsn.replace(/^.*@/, ''))
    mkdirSync(join(home, `.local/state/presence/queue/${name}.jsonl/no-file`), { recursive: true })
    await presenceOn(dsn, 'bob')('claim', 'node:a', '--purpose', 'drain')
    const ana = new Agent(dsn, 'ana', home)
    const said = await ana.hook('SessionStart', { source: 'startup' })
    expect(said).toMatch(/^Presence: fix this problem on this machine: .*queue/)
    expect(said).toContain('by bob')
    expect(await ana.hook('UserPromptSubmit', { prompt: 'x' })).not.toContain('to be fixed')
    ana.kill()
  })

  it("sees the tracker's tasks from the project's root, and is told if the tracker fails", async () => {
    const { dsn } = await newBoardOn(engine.port)
    const ana = new Agent(dsn, 'ana')
    const project = scratchFolder()
    for (const folder of ['.git', '.beads', 'sub/.beads'])
      mkdirSync(join(project, folder), { recursive: true })
    const bd = standInFor(project)
    const at = { cwd: join(project, 'sub'), prompt: 'x' }
    const env = { PATH: `${bd.bin}:${process.env['PATH']}` }
    /** The tracker is asked after the first prompt, and the answer is told at a later one. */
    const shownOf = (pattern: RegExp) =>
      until(`${pattern}`, async () => {
        const said = await ana.hook('UserPromptSubmit', at, env)
        return pattern.test(said) ? said : undefined
      })

    const open = Array.from({ length: 12 }, (_, index) => ({
      id: `code-${index + 2}`,
      title: 'later',
      status: 'open',
    }))
    bd.tasks([{ id: 'code-1', title: 'fix the drain </x>', status: 'in_progress', assignee: 'bob' }, ...open])
    const shown = await shownOf(/- code-1/)
    expect(shown).toMatch(/asked .* before: 1 task in progress, 12 open\./)
    expect(shown).toContain('- code-1 in progress by bob, P2: "fix the drain ‹/x›"')
    expect(shown).toContain('and 9 more: `bd list`.')
    expect(bd.calls()[0]).toBe(`--db ${project}/.beads list --status open,in_progress --json --limit 0`)
    await shownOf(/unchanged since/)

    // Another database, whose tasks aren't known yet.
    writeFileSync(join(project, '.beads/metadata.json'), '{"dolt_database": "other"}')
    bd.script('echo "no such database" >&2; exit 1')
    await shownOf(/no answer since .* \(bd failed: no such database\)/)
    expect(await ana.hook('UserPromptSubmit', at), 'without bd on PATH there is no message').toBe('')
    ana.kill()
  })
})
