import { hooksUrl, httpHook, isOurHttpHook } from './http-hook.ts'

/** What decides how hooks are wired, besides the agent. */
export interface WiringOptions {
  /** In the user's own file rather than the project's. */
  readonly user: boolean
  /** Deny the agent's built-in task tools in favour of the tracker. */
  readonly denyTaskTools: boolean
  /** Release at the end of each turn, not only at the session's. */
  readonly releaseOnStop: boolean
  /** Show the board in the agent's status line. */
  readonly statusLine: boolean
  /** A presence server that answers the hooks, in place of a command each. */
  readonly server: string | undefined
}

/** A handler as the agent's settings hold it, and the event that it is for. */
export interface Wired {
  readonly event: string
  /** The element of the event's list. */
  readonly entry: object
}

/** An agent that has hooks: where its settings are, how it writes a handler down, and where rules for it stand. */
export interface WiringAgent {
  readonly name: string
  /** Below the project, or below the user's home. */
  readonly settings: string
  /** What a settings file of its own needs besides hooks. */
  readonly besides: Readonly<Record<string, unknown>>
  /** The same below a user's home; undefined where it reads none. */
  readonly userRules: string | undefined
  /** What a person has to do besides, said after writing. */
  readonly besidesWiring?: string
  /** Its settings hold a status line's command, under `statusLine`. */
  readonly hasStatusLine: boolean
  /** Its hooks may be requests over HTTP. */
  readonly hasHttpHooks: boolean
  /** The project's file that it reads rules from. */
  readonly rules: string
  wired(options: WiringOptions): readonly Wired[]
}

/**
 * The command of a handler. By its name on PATH: a project's file is every user's, so no home may stand in it. Whoever has
 * no presence gets no error from it.
 */
function onPath(hook: string): string {
  return `command -v presence >/dev/null || exit 0; exec presence hook ${hook}`
}

/** What follows `presence hook` in an agent's command. */
function hookOf(agent: string, event: string, options: string): string {
  return `${event}${agent === 'claude-code' ? '' : ` --agent ${agent}`}${options}`
}

/** Events as they are wired: the agent's name for each, its matcher, and how many seconds it may take. */
type Row = readonly [event: string, matcher: string | undefined, seconds: number]

function rowsFor(names: Names, { denyTaskTools, releaseOnStop }: WiringOptions): readonly Row[] {
  return [
    [names.start, undefined, 3],
    [names.prompt, undefined, 3],
    [names.tool, names.workTools, 3],
    [names.end, undefined, 3],
    ...(denyTaskTools ? names.before.map(event => [event, names.taskTools, 3] as const) : []),
    ...(releaseOnStop ? ([[names.stop, undefined, 3]] as const) : []),
  ]
}

interface Names {
  readonly start: string
  readonly prompt: string
  readonly tool: string
  /** Tools that do work: reading keeps no claim alive. */
  readonly workTools: string
  readonly end: string
  readonly before: readonly string[]
  /** Its own task lists. */
  readonly taskTools: string
  readonly stop: string
}

/** How a handler calls presence: with what follows `presence hook`. */
type Command = (hook: string) => string

/** Claude Code's shape, which others share: a list of groups an event, each with a matcher and handlers. */
function grouped(
  agent: string,
  names: Names,
  options: WiringOptions,
  { perSecond = 1, command = onPath }: { readonly perSecond?: number; readonly command?: Command } = {},
): readonly Wired[] {
  const server = options.server && hooksUrl(options.server, agent)
  const handlerOf = ([event, matcher, seconds]: Row) => {
    const timeout = seconds * perSecond
    const isTasks = matcher === names.taskTools
    // What is to be denied is looked up on the agent's machine, and nothing asked of a board.
    if (server && !isTasks && event !== names.start) return httpHook(server, timeout)
    // An agent's start can't be a request: the command has the server answer, and says which session it is.
    const more = isTasks ? ' --deny-task-tools' : server ? ` --http '${server}'` : ''
    return { type: 'command', command: command(hookOf(agent, event, more)), timeout }
  }
  return rowsFor(names, options).map(row => ({
    event: row[0],
    entry: { ...(row[1] === undefined ? {} : { matcher: row[1] }), hooks: [handlerOf(row)] },
  }))
}

const CLAUDE: Names = {
  start: 'SessionStart',
  prompt: 'UserPromptSubmit',
  tool: 'PostToolUse',
  workTools: 'Bash|Edit|Write|MultiEdit|NotebookEdit',
  end: 'SessionEnd',
  before: ['PreToolUse', 'PermissionRequest'],
  taskTools: 'TaskCreate|TaskUpdate|TodoWrite',
  stop: 'Stop',
}
const GEMINI: Names = {
  start: 'SessionStart',
  prompt: 'BeforeAgent',
  tool: 'AfterTool',
  workTools: 'run_shell_command|replace|write_file',
  end: 'SessionEnd',
  before: ['BeforeTool'],
  taskTools: 'write_todos',
  stop: 'AfterAgent',
}

export const WIRING_AGENTS: readonly WiringAgent[] = [
  {
    name: 'claude-code',
    settings: '.claude/settings.json',
    besides: {},
    hasStatusLine: true,
    hasHttpHooks: true,
    rules: 'CLAUDE.md',
    userRules: '.claude/CLAUDE.md',
    wired: options => grouped('claude-code', CLAUDE, options),
  },
  {
    name: 'codex',
    settings: '.codex/hooks.json',
    besides: {},
    hasStatusLine: false,
    hasHttpHooks: false,
    rules: 'AGENTS.md',
    userRules: '.codex/AGENTS.md',
    // Also after a change of the file (its hooks page).
    besidesWiring: 'Codex runs hooks once you have reviewed and trusted them: /hooks',
    wired: options =>
      grouped('codex', { ...CLAUDE, workTools: 'Bash|apply_patch|shell', taskTools: 'update_plan' }, options),
  },
  {
    name: 'gemini-cli',
    settings: '.gemini/settings.json',
    besides: {},
    hasStatusLine: false,
    hasHttpHooks: false,
    rules: 'GEMINI.md',
    userRules: '.gemini/GEMINI.md',
    // Its time-outs are in milliseconds.
    wired: options => grouped('gemini-cli', GEMINI, options, { perSecond: 1_000 }),
  },
  {
    name: 'cursor',
    settings: '.cursor/hooks.json',
    besides: { version: 1 },
    hasStatusLine: false,
    hasHttpHooks: false,
    rules: 'AGENTS.md',
    userRules: undefined,
    besidesWiring: 'Cursor tells its commands no session: its agent is told to name it, as --session',
    wired: ({ denyTaskTools, releaseOnStop }) =>
      [
        ['sessionStart', ''],
        ['beforeSubmitPrompt', ''],
        ['postToolUse', ''],
        ['sessionEnd', ''],
        ...(denyTaskTools ? [['preToolUse', ' --deny-task-tools']] : []),
        ...(releaseOnStop ? [['stop', '']] : []),
      ].map(([event = '', options = '']) => ({
        event,
        entry: { command: onPath(hookOf('cursor', event, options)) },
      })),
  },
]

/** The hooks of Claude Code's plugin, which finds presence in itself and not on PATH. */
export function pluginHooks(command: Command): readonly Wired[] {
  const options = {
    user: false,
    denyTaskTools: false,
    releaseOnStop: false,
    statusLine: false,
    server: undefined,
  }
  return grouped('claude-code', CLAUDE, options, { command })
}

/** How a command of ours looks, whatever version wrote it: all of it, for who mentions presence is not presence. */
const OURS =
  /^(command -v presence(-hook)? >\/dev\/null \|\| exit 0; exec )?(\S*\/)?presence(-hook| hook)( [A-Za-z]\w*)( --agent [a-z-]+)?( --[a-z-]+( '[^']*')?)*$/

/** By its name on PATH, as this version writes it: a path may lead to anybody's program. */
const WRITTEN =
  /^command -v presence >\/dev\/null \|\| exit 0; exec presence hook [A-Za-z]+( --agent [a-z-]+)?( --deny-task-tools| --http 'https?:\/\/[\w.~:/[\]-]+')?$/

/** Is it, sign by sign, what this version writes? */
export function isWritten(command: string): boolean {
  return WRITTEN.test(command)
}

/** Does an entry of an event's list hold a handler of ours: itself one, or a group with one in it? */
export function holdsOurs(entry: unknown): boolean {
  return handlersIn(entry).some(isOurHandler)
}

/** Is there nothing in it but ours? */
export function isOurs(entry: unknown): boolean {
  const handlers = handlersIn(entry)
  return handlers.length > 0 && handlers.every(isOurHandler)
}

function handlersIn(entry: unknown): readonly unknown[] {
  const { hooks } = (entry ?? {}) as { hooks?: unknown }
  return Array.isArray(hooks) ? hooks : [entry]
}

function isOurHandler(handler: unknown): boolean {
  if (isOurHttpHook(handler)) return true
  const command = (handler as { command?: unknown } | null)?.command
  return typeof command === 'string' && OURS.test(command)
}
