import { GUARD_MODES, type GuardMode } from '@presence/core/internal'
import { hooksUrl, httpHook, isOurHttpHook } from './http-hook.ts'
import { isOurMcpHook, mcpHook } from './mcp-hook.ts'

/** How hooks are wired, apart from the agent. */
export interface WiringOptions {
  /** Write the user's own settings file instead of the project's. */
  readonly user: boolean
  /** Deny the agent's built-in task tools in favour of the tracker. */
  readonly denyTaskTools: boolean
  /** Release claims at the end of each turn, not only at the end of the session. */
  readonly releaseOnStop: boolean
  /** Show the board in the agent's status line. */
  readonly statusLine: boolean
  /** The presence server that answers the hooks over HTTP; undefined if each hook is a command. */
  readonly server: string | undefined
  /** What the guard does about a command before it runs; `off` wires no guard. */
  readonly guard: GuardMode
  /** Also ask the guard through the MCP server of presence that the agent runs. */
  readonly viaMcp: boolean
}

/** The mode of the guard where nobody asked for another one. */
export const GUARD_DEFAULT: GuardMode = 'pause'

/** A handler as it is written into the agent's settings, and its event. */
export interface Wired {
  readonly event: string
  /** The element of the event's list. */
  readonly entry: object
}

/** An agent that has hooks: where its settings are, how it writes a handler, and where its rules are. */
export interface WiringAgent {
  readonly name: string
  /** The commands that start it. */
  readonly programs: readonly string[]
  /** Relative to the project, or to the user's home. */
  readonly settings: string
  /** The keys besides hooks that a settings file needs if presence creates it. */
  readonly besides: Readonly<Record<string, unknown>>
  /** The file of rules relative to a user's home; undefined if the agent reads none there. */
  readonly userRules: string | undefined
  /** Instructions for steps that a person must do; printed after writing. */
  readonly besidesWiring?: string
  /** Its settings have a key `statusLine` for the command of a status line. */
  readonly hasStatusLine: boolean
  /** Its hooks may call a tool of an MCP server before a command. */
  readonly hasMcpHooks: boolean
  /** Its hooks may be requests over HTTP. */
  readonly hasHttpHooks: boolean
  /** The project's file from which it reads rules. */
  readonly rules: string
  wired(options: WiringOptions): readonly Wired[]
}

/**
 * The command of a handler. It uses the name on PATH, because all users share a project's file, so it must
 * not contain a home folder. Without `presence` on PATH the command does nothing and succeeds.
 */
function onPath(hook: string): string {
  return `command -v presence >/dev/null || exit 0; ${hookCall('presence', hook)} || exit 0`
}

/**
 * Calls a hook from the agent's shell, which stays: with `exec`, whatever goes wrong with the program would be the
 * status of the hook, and with 2 Claude Code blocks the prompt. So the shell says which process the agent is.
 *
 * @param program as a word of the shell
 */
export function hookCall(program: string, hook: string): string {
  return `PRESENCE_HOOK_PPID=$PPID ${program} hook ${hook}`
}

/** The arguments after `presence hook` in an agent's command. */
function hookOf(agent: string, event: string, options: string): string {
  return `${event}${agent === 'claude-code' ? '' : ` --agent ${agent}`}${options}`
}

/**
 * The events to wire: the agent's name for each, its matcher, its time limit in seconds, and the options of its
 * command.
 */
type Row = readonly [event: string, matcher: string | undefined, seconds: number, options?: string]

function rowsFor(names: Names, { denyTaskTools, releaseOnStop, guard }: WiringOptions): readonly Row[] {
  const guarded = ` --guard ${guard}`
  const [before = ''] = names.before
  return [
    [names.start, undefined, 3],
    [names.prompt, undefined, 3],
    ...(names.subagent === undefined ? [] : [[names.subagent, undefined, 3] as const]),
    ...(guard === 'off' ? [] : [[before, names.guardedTools, 3, guarded] as const]),
    // Also says `off`, so that a later run of `init --hooks` keeps it.
    [names.tool, names.workTools, 3, guarded],
    ...(guard === 'off' || names.failure === undefined
      ? []
      : [[names.failure, names.guardedTools, 3, guarded] as const]),
    [names.end, undefined, 3],
    ...(denyTaskTools ? names.before.map(event => [event, names.taskTools, 3] as const) : []),
    ...(releaseOnStop ? ([[names.stop, undefined, 3]] as const) : []),
  ]
}

interface Names {
  readonly start: string
  readonly prompt: string
  /** The start of a subagent, with a context of its own. Undefined if the agent accepts no text there. */
  readonly subagent?: string
  readonly tool: string
  /** Tools that do work. Tools that only read don't keep a claim alive. */
  readonly workTools: string
  /** The tool that runs commands. */
  readonly shellTool: string
  /** Tools that the guard looks at: the shell, and those of MCP servers. */
  readonly guardedTools: string
  /** The event after a tool that failed, if the agent has one of its own. */
  readonly failure?: string
  readonly end: string
  readonly before: readonly string[]
  /** The agent's own task lists. */
  readonly taskTools: string
  readonly stop: string
}

/** How a handler calls presence, given the arguments after `presence hook`. */
type Command = (hook: string) => string

/**
 * The shape of Claude Code's settings, which other agents share: for each event a list of groups, each with a
 * matcher and handlers.
 */
function grouped(
  agent: string,
  names: Names,
  options: WiringOptions,
  { perSecond = 1, command = onPath }: { readonly perSecond?: number; readonly command?: Command } = {},
): readonly Wired[] {
  const server = options.server && hooksUrl(options.server, agent)
  const handlerOf = ([event, matcher, seconds, guarded = '']: Row, via = '') => {
    const timeout = seconds * perSecond
    const isTasks = matcher === names.taskTools
    // Whether to deny a task tool, and what a command would change, is found on the agent's machine, so it is
    // always a command.
    const isGuarded = guarded !== '' && options.guard !== 'off'
    if (server && !isTasks && !isGuarded && event !== names.start) return httpHook(server, timeout)
    // The start of a session can't be a request. The command asks the server, and says which session it is.
    const more = isTasks ? ' --deny-task-tools' : `${guarded}${via}${server ? ` --http '${server}'` : ''}`
    return { type: 'command', command: command(hookOf(agent, event, more)), timeout }
  }
  return rowsFor(names, options).flatMap((row): readonly Wired[] => {
    const [event, matcher, seconds] = row
    if (options.viaMcp && matcher === names.guardedTools) {
      const others = names.guardedTools.slice(names.shellTool.length + 1)
      const handlers = [mcpHook(options.guard, seconds - 1), handlerOf(row, ' --via mcp')]
      return [
        { event, entry: { matcher: names.shellTool, hooks: handlers } },
        { event, entry: { matcher: others, hooks: [handlerOf(row)] } },
      ]
    }
    return [{ event, entry: { ...(matcher === undefined ? {} : { matcher }), hooks: [handlerOf(row)] } }]
  })
}

const CLAUDE: Names = {
  start: 'SessionStart',
  prompt: 'UserPromptSubmit',
  subagent: 'SubagentStart',
  tool: 'PostToolUse',
  workTools: 'Bash|Edit|Write|MultiEdit|NotebookEdit|mcp__.*',
  shellTool: 'Bash',
  guardedTools: 'Bash|mcp__.*',
  failure: 'PostToolUseFailure',
  end: 'SessionEnd',
  before: ['PreToolUse', 'PermissionRequest'],
  taskTools: 'TaskCreate|TaskUpdate|TodoWrite',
  stop: 'Stop',
}
// Codex has no event of its own for a tool that failed.
const { failure: _failure, ...WITHOUT_FAILURE } = CLAUDE
const CODEX: Names = {
  ...WITHOUT_FAILURE,
  workTools: 'Bash|apply_patch|shell|mcp__.*',
  shellTool: 'Bash|shell',
  guardedTools: 'Bash|shell|mcp__.*',
  taskTools: 'update_plan',
}
const GEMINI: Names = {
  start: 'SessionStart',
  prompt: 'BeforeAgent',
  tool: 'AfterTool',
  workTools: 'run_shell_command|replace|write_file|mcp_.*',
  shellTool: 'run_shell_command',
  guardedTools: 'run_shell_command|mcp_.*',
  end: 'SessionEnd',
  before: ['BeforeTool'],
  taskTools: 'write_todos',
  stop: 'AfterAgent',
}

export const WIRING_AGENTS: readonly WiringAgent[] = [
  {
    name: 'claude-code',
    programs: ['claude'],
    settings: '.claude/settings.json',
    besides: {},
    hasStatusLine: true,
    hasMcpHooks: true,
    hasHttpHooks: true,
    rules: 'CLAUDE.md',
    userRules: '.claude/CLAUDE.md',
    wired: options => grouped('claude-code', CLAUDE, options),
  },
  {
    name: 'codex',
    programs: ['codex'],
    settings: '.codex/hooks.json',
    besides: {},
    hasStatusLine: false,
    hasMcpHooks: false,
    hasHttpHooks: false,
    rules: 'AGENTS.md',
    userRules: '.codex/AGENTS.md',
    // Needed again after each change of the file (see Codex's page on hooks).
    besidesWiring: 'Codex runs hooks once you have reviewed and trusted them: /hooks',
    wired: options => grouped('codex', CODEX, options),
  },
  {
    name: 'gemini-cli',
    programs: ['gemini'],
    settings: '.gemini/settings.json',
    besides: {},
    hasStatusLine: false,
    hasMcpHooks: false,
    hasHttpHooks: false,
    rules: 'GEMINI.md',
    userRules: '.gemini/GEMINI.md',
    // Gemini CLI takes timeouts in milliseconds.
    wired: options => grouped('gemini-cli', GEMINI, options, { perSecond: 1_000 }),
  },
  {
    name: 'cursor',
    programs: ['cursor', 'cursor-agent'],
    settings: '.cursor/hooks.json',
    besides: { version: 1 },
    hasStatusLine: false,
    hasMcpHooks: false,
    hasHttpHooks: false,
    rules: 'AGENTS.md',
    userRules: undefined,
    besidesWiring:
      "Cursor doesn't tell its commands which session they belong to: its agent is asked to name the session with --session",
    wired: ({ denyTaskTools, releaseOnStop, guard }) =>
      [
        ['sessionStart', ''],
        ['beforeSubmitPrompt', ''],
        ...(guard === 'off' ? [] : [['beforeShellExecution', ` --guard ${guard}`]]),
        ['postToolUse', ` --guard ${guard}`],
        ...(guard === 'off' ? [] : [['postToolUseFailure', ` --guard ${guard}`]]),
        ['sessionEnd', ''],
        ...(denyTaskTools ? [['preToolUse', ' --deny-task-tools']] : []),
        ...(releaseOnStop ? [['stop', '']] : []),
      ].map(([event = '', options = '']) => ({
        event,
        entry: { command: onPath(hookOf('cursor', event, options)) },
      })),
  },
]

/** The hooks of Claude Code's plugin, which uses the presence inside the plugin and not the one on PATH. */
export function pluginHooks(command: Command): readonly Wired[] {
  const options = {
    user: false,
    denyTaskTools: false,
    releaseOnStop: false,
    statusLine: false,
    server: undefined,
    guard: GUARD_DEFAULT,
    viaMcp: false,
  }
  return grouped('claude-code', CLAUDE, options, { command })
}

/**
 * Matches a command that any version of presence wrote. The whole command must match, because a command of
 * others may mention presence.
 */
const OURS =
  /^(command -v presence(-hook)? >\/dev\/null \|\| exit 0; (exec |PRESENCE_HOOK_PPID=\$PPID ))?(\S*\/)?presence(-hook| hook)( [A-Za-z]\w*)( --agent [a-z-]+)?( --[a-z-]+( '[^']*'| [a-z]+)?)*( \|\| exit 0)?$/

/**
 * Matches the commands that this version writes, and those with `exec`, which the version before wrote and which
 * still work. They use the name on PATH, because a path might lead to any program.
 */
const WRITTEN = new RegExp(
  `^command -v presence >/dev/null \\|\\| exit 0; (exec |PRESENCE_HOOK_PPID=\\$PPID )presence hook [A-Za-z]+( --agent [a-z-]+)?( --deny-task-tools|( --guard (${GUARD_MODES.join('|')}))?( --via mcp)?( --http 'https?://[\\w.~:/[\\]-]+')?)( \\|\\| exit 0)?$`,
)

/** True if presence writes exactly this command. */
export function isWritten(command: string): boolean {
  return WRITTEN.test(command)
}

/** True if an entry of an event's list is a handler of ours, or a group that contains one. */
export function holdsOurs(entry: unknown): boolean {
  return handlersIn(entry).some(isOurHandler)
}

/** True if an entry contains only handlers of ours. */
export function isOurs(entry: unknown): boolean {
  const handlers = handlersIn(entry)
  return handlers.length > 0 && handlers.every(isOurHandler)
}

function handlersIn(entry: unknown): readonly unknown[] {
  const { hooks } = (entry ?? {}) as { hooks?: unknown }
  return Array.isArray(hooks) ? hooks : [entry]
}

function isOurHandler(handler: unknown): boolean {
  if (isOurHttpHook(handler) || isOurMcpHook(handler)) return true
  const command = (handler as { command?: unknown } | null)?.command
  return typeof command === 'string' && OURS.test(command)
}
