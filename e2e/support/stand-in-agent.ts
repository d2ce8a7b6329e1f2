import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { isNoAnswer } from './answered.ts'
import type { CliResult } from './cli.ts'
import { scratchFolder } from './scratch.ts'

/**
 * Stand-ins for agents: real processes, of which hooks, commands and servers are children, with the variables that
 * the real agents were seen to export. Nothing here runs a model or an agent's own code.
 */
const FIXTURE = join(import.meta.dirname, '../fixtures/agent.ts')
const BIN = join(import.meta.dirname, '../../packages/cli/bin')

export const AGENT_NAMES = ['claude-code', 'codex', 'gemini-cli', 'cursor'] as const
export type AgentName = (typeof AGENT_NAMES)[number]

type Variables = Readonly<Record<string, string>>

interface Kind {
  readonly start: string
  readonly tool: string
  readonly end: string
  /** The key of the session's id in payloads. */
  readonly idKey: string
  readonly client: string
  hooks(agent: StandInAgent): Variables
  shell(agent: StandInAgent): Variables
  server(agent: StandInAgent): Variables
  meta?(agent: StandInAgent): object
}

const KINDS: Readonly<Record<AgentName, Kind>> = {
  'claude-code': {
    start: 'SessionStart',
    tool: 'PostToolUse',
    end: 'SessionEnd',
    idKey: 'session_id',
    client: 'claude-code',
    hooks: ({ id, pid }) => ({ CLAUDE_PID: `${pid}`, CLAUDE_CODE_SESSION_ID: id, CLAUDECODE: '1' }),
    shell: ({ id, pid }) => ({ CLAUDE_PID: `${pid}`, CLAUDE_CODE_SESSION_ID: id, CLAUDECODE: '1' }),
    server: ({ id }) => ({ CLAUDE_CODE_SESSION_ID: id }),
  },
  codex: {
    start: 'SessionStart',
    tool: 'PostToolUse',
    end: 'SessionEnd',
    idKey: 'session_id',
    client: 'codex-mcp-client',
    hooks: () => ({}),
    shell: ({ id }) => ({ CODEX_SESSION_ID: id, CODEX_THREAD_ID: id, CODEX_TOOL_CALL_ID: 'call_1' }),
    server: () => ({}),
    meta: ({ id }) => ({ threadId: id }),
  },
  'gemini-cli': {
    start: 'SessionStart',
    tool: 'AfterTool',
    end: 'SessionEnd',
    idKey: 'session_id',
    client: 'gemini-cli-mcp-client-presence',
    hooks: ({ id }) => ({ GEMINI_SESSION_ID: id, GEMINI_PROJECT_DIR: '/', CLAUDE_PROJECT_DIR: '/' }),
    shell: () => ({ GEMINI_CLI: '1' }),
    server: () => ({}),
  },
  cursor: {
    start: 'sessionStart',
    tool: 'postToolUse',
    end: 'sessionEnd',
    idKey: 'conversation_id',
    client: 'cursor-vscode',
    hooks: () => ({ CURSOR_VERSION: '2' }),
    shell: () => ({ CURSOR_AGENT: '1' }),
    server: () => ({}),
  },
}

/** Which variables an agent exports. A version may export fewer than others. */
export interface Exports {
  /** Variables that aren't exported. */
  readonly without?: readonly string[]
  /** `false`: no file of exports for the start hook. */
  readonly envFile?: boolean
}

/** The place of a test: a home folder, a board, and the socket that its agents connect to. */
export class AgentLab {
  readonly home = scratchFolder()
  readonly dsn = `sqlite:${this.home}/board.db`
  readonly #server: Server
  readonly #sockets = new Map<string, Promise<{ socket: Socket; pid: number }>>()
  readonly #came = new Map<string, (value: { socket: Socket; pid: number }) => void>()

  constructor() {
    const sockets = new Set<Socket>()
    this.#server = createServer(socket => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
      createInterface(socket).once('line', line => {
        const { name, pid } = JSON.parse(line)
        this.#came.get(name)?.({ socket, pid })
      })
    }).listen(this.socketPath)
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<unknown>(resolve => this.#server.close(resolve))
    })
  }

  get socketPath(): string {
    return join(this.home, 'agents.sock')
  }

  get base(): Variables {
    return { PATH: `${BIN}:${process.env['PATH']}`, HOME: this.home, PRESENCE_DSN: this.dsn }
  }

  /** Starts an agent as a person does, in an environment of its own. */
  async agent(
    kind: AgentName,
    id: string,
    env: Variables = {},
    exports: Exports = {},
  ): Promise<StandInAgent> {
    const { name, command, came } = this.expected()
    const whole = { ...this.base, ...env }
    spawn('sh', ['-c', `${command}; true`], { env: whole, stdio: 'ignore' })
    return new StandInAgent(this, { name, kind, env: whole, exports }, await came, id)
  }

  expected() {
    const name = `agent-${this.#sockets.size}`
    const came = new Promise<{ socket: Socket; pid: number }>(resolve => this.#came.set(name, resolve))
    this.#sockets.set(name, came)
    return { name, came, command: `${process.execPath} ${FIXTURE} ${this.socketPath} ${name}` }
  }
}

interface Made {
  readonly name: string
  readonly kind: AgentName
  /** The environment that the agent was started with. */
  readonly env: Variables
  readonly exports: Exports
}

export class StandInAgent {
  readonly pid: number
  id: string
  readonly #lab: AgentLab
  readonly #made: Made
  readonly #socket: Socket
  readonly #answers = new Map<number, (answer: never) => void>()
  #requests = 0

  constructor(lab: AgentLab, made: Made, { socket, pid }: { socket: Socket; pid: number }, id: string) {
    this.#lab = lab
    this.#made = made
    this.#socket = socket
    this.pid = pid
    this.id = id
    createInterface(socket).on('line', line => {
      const answer = JSON.parse(line)
      this.#answers.get(answer.id)?.(answer as never)
    })
  }

  get kind(): AgentName {
    return this.#made.kind
  }

  /** Runs one of the agent's hooks. On a busy machine a start may run out of time, and is sent again. */
  async hook(event: 'start' | 'tool' | 'end', more: object = {}): Promise<CliResult> {
    for (;;) {
      const said = await this.#hookOnce(event, more)
      if (!isNoAnswer(said.stdout)) return said
    }
  }

  #hookOnce(event: 'start' | 'tool' | 'end', more: object): Promise<CliResult> {
    const kind = KINDS[this.kind]
    const payload = {
      [kind.idKey]: this.id,
      cwd: this.#lab.home,
      prompt_id: this.#requests,
      ...(event === 'start' ? { source: 'startup' } : event === 'end' ? { reason: 'other' } : {}),
      ...more,
    }
    const agent = this.kind === 'claude-code' ? '' : ` --agent ${this.kind}`
    const envFile: Variables = event === 'start' && this.#hasEnvFile ? { CLAUDE_ENV_FILE: this.#envFile } : {}
    return this.#ask('run', {
      command: `command -v presence >/dev/null || exit 0; exec presence hook ${kind[event]}${agent}`,
      env: this.#with({ ...kind.hooks(this), ...envFile }),
      input: JSON.stringify(payload),
    })
  }

  /** Runs a command in the agent's shell. */
  shell(command: string, env: Variables = {}): Promise<CliResult> {
    return this.#ask('run', { command: `${this.#sourced}${command}`, env: { ...this.shellEnv, ...env } })
  }

  /** Starts another agent from this agent's shell. */
  async start(kind: AgentName, id: string, exports: Exports = {}, prefix = ''): Promise<StandInAgent> {
    const { name, command, came } = this.#lab.expected()
    const env = this.#exported()
    await this.#ask('start', { command: `${this.#sourced}${prefix}${command}`, env: this.shellEnv })
    const made = { name, kind, env: { ...this.shellEnv, ...env }, exports }
    return new StandInAgent(this.#lab, made, await came, id)
  }

  /** Starts the agent's MCP server. */
  async mcp(env: Variables = {}): Promise<void> {
    const { client, server } = KINDS[this.kind]
    const own = this.kind === 'codex' ? this.#lab.base : this.#made.env
    const params = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: client, version: '1' },
    }
    const message = { jsonrpc: '2.0', id: 0, method: 'initialize', params }
    const whole = { ...own, ...this.#without(server(this)), ...env }
    await this.#ask('mcp', { command: 'presence mcp', env: whole, message })
  }

  /** Calls a tool of that server, and returns what it answers. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever shape the tool has.
  async call(name: string, args: object = {}): Promise<any> {
    const _meta = KINDS[this.kind].meta?.(this)
    const params = { name, arguments: args, ...(_meta ? { _meta } : {}) }
    const message = { jsonrpc: '2.0', id: ++this.#requests, method: 'tools/call', params }
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    const { result } = await this.#ask<any>('call', { message }, message.id)
    return result.structuredContent ?? result
  }

  closeMcp(): Promise<unknown> {
    return this.#ask('close', {})
  }

  kill(): void {
    process.kill(this.pid, 'SIGKILL')
  }

  /** What a shell of the agent has, without the exports of its start hook. */
  get shellEnv(): Variables {
    return this.#with(KINDS[this.kind].shell(this))
  }

  #with(variables: Variables): Variables {
    return { ...this.#made.env, ...this.#without(variables) }
  }

  #without(variables: Variables): Variables {
    const { without = [] } = this.#made.exports
    return Object.fromEntries(Object.entries(variables).filter(([name]) => !without.includes(name)))
  }

  get #hasEnvFile(): boolean {
    return this.kind === 'claude-code' && this.#made.exports.envFile !== false
  }

  get #envFile(): string {
    return join(this.#lab.home, `exports-${this.#made.name}`)
  }

  get #sourced(): string {
    return this.#hasEnvFile && existsSync(this.#envFile) ? `. ${this.#envFile}; ` : ''
  }

  #exported(): Variables {
    if (this.#sourced === '') return {}
    const lines = readFileSync(this.#envFile, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm)
    return Object.fromEntries([...lines].map(([, name, value]) => [name ?? '', value ?? '']))
  }

  #ask<T = CliResult>(what: string, more: object, id = ++this.#requests): Promise<T> {
    const answer = new Promise<T>(resolve => this.#answers.set(id, resolve as (answer: never) => void))
    this.#socket.write(`${JSON.stringify({ id, what, ...more })}\n`)
    return answer
  }
}
