import { writeConfig } from '@presence/core'
import { forgetAddresses, GUARD_MODES, type GuardMode, oneLine, trustAddress } from '@presence/core/internal'
import { Option } from 'commander'
import { print, printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { WIRING_AGENTS, type WiringAgent } from '../wiring/agents.ts'
import { SERVER_DEFAULT, serverOf } from '../wiring/http-hook.ts'

interface Options extends Globals {
  readonly kind?: readonly string[]
  readonly user?: boolean
  readonly print?: boolean
  readonly hooks?: string
  readonly mcp?: string
  readonly rules?: boolean
  readonly remove?: boolean
  readonly denyTaskTools?: boolean
  readonly releaseOnStop?: boolean
  readonly statusline?: boolean
  /** The server's address, or true for the default address. */
  readonly http?: string | true
  readonly guard?: GuardMode
  readonly via?: 'command' | 'mcp'
}

export const initCommand: AddCommand = (program, io, done) =>
  program
    .command('init')
    .summary("write the project's config file, or set up an agent's hooks")
    .description(
      "Write the address of the project's board (--dsn) and the project's extra kinds of label (--kind) into .presence/config.json at the repository's top, for everyone who uses the repository. Everything else in the file stays. With --hooks, write an agent's hooks into its settings file instead, and the rules for the agent into the project's CLAUDE.md, AGENTS.md or GEMINI.md; with --user, write both into your own files. A run with --hooks removes what an earlier run wrote and this run doesn't ask for. With --mcp, make an agent start presence mcp.",
    )
    .option('--kind <kind>', 'a kind of label that the project uses; may be repeated', collect)
    .option('--user', 'write your own config file instead, for all projects')
    .option('--print', "show the file's text, without passwords, and write nothing")
    .addOption(
      new Option('--hooks <agent>', "set up this agent's hooks").choices(
        WIRING_AGENTS.map(({ name }) => name),
      ),
    )
    .addOption(
      new Option('--mcp <agent>', 'make this agent start presence mcp: the board as tools').choices(
        WIRING_AGENTS.map(({ name }) => name),
      ),
    )
    .option(
      '--rules',
      "write only the rules, into the project's CLAUDE.md, AGENTS.md and GEMINI.md; if it has none of them, into a new AGENTS.md",
    )
    .option('--remove', 'with --hooks, --mcp or --rules: remove what that option wrote')
    .option(
      '--deny-task-tools',
      "with --hooks: deny the agent's own task lists, for a project with a tracker",
    )
    .option('--release-on-stop', 'with --hooks: release claims at the end of each turn, not of the session')
    .option('--statusline', "with --hooks claude-code: show the board in the agent's status line")
    .addOption(
      new Option(
        '--guard <mode>',
        'with --hooks: what the guard does about a command that would change what others hold (default: the mode that is wired already, else pause)',
      ).choices(GUARD_MODES),
    )
    .addOption(
      new Option(
        '--via <way>',
        "with --hooks claude-code: how the guard is asked: by a command, which always works, or also through the agent's MCP server (see --mcp), so that no Node starts (default: the way that is wired already, else command)",
      ).choices(['command', 'mcp']),
    )
    .option(
      '--http [url]',
      `have a presence server answer the hooks (default: ${SERVER_DEFAULT}); implies --hooks claude-code`,
    )
    .addHelpText('after', '\nExample: presence init --print --dsn mysql://db.example/presence --kind queue')
    .action((_, command) => done(init(command.optsWithGlobals(), io)))

function collect(kind: string, before: readonly string[] = []): readonly string[] {
  return [...before, kind]
}

async function init(
  { kind = [], user = false, print: dryRun = false, hooks: named, mcp, rules = false, ...globals }: Options,
  io: Io,
): Promise<ExitStatus> {
  // Only Claude Code has hooks that are HTTP requests.
  const hooks = named ?? (globals.http === undefined ? undefined : 'claude-code')
  const problem =
    rules && hooks === undefined && mcp === undefined
      ? notWithRules({ kind, user, ...globals })
      : problemWith(kind, hooks, mcp, { rules, ...globals })
  if (problem !== undefined) {
    io.err(`presence: ${problem}`)
    io.err('presence: hint: see: presence init --help')
    return EXIT.usage
  }
  if (rules && hooks === undefined) return writeRules({ print: dryRun, ...globals }, io)
  if (hooks !== undefined) return wire(hooks, { user, print: dryRun, ...globals }, io)
  if (mcp !== undefined) {
    const { wireMcp } = await import('../wiring/wire-mcp.ts')
    return wireMcp(mcp, { user, print: dryRun, ...globals }, io)
  }
  if (globals.dsn === undefined && kind.length === 0) {
    io.err('presence: init needs --dsn or --kind: what to write into the file')
    io.err('presence: hint: presence init --dsn mysql://db.example/presence, or presence init --kind queue')
    return EXIT.usage
  }
  try {
    const dsn = globals.dsn === undefined ? {} : { dsn: globals.dsn }
    const { untrusted, ...written } = await writeConfig({
      ...dsn,
      kinds: kind,
      user,
      dryRun,
      env: io.env,
      cwd: io.cwd,
    })
    const { path, text, changed, behind, replaces } = written
    if (dryRun && !globals.json) {
      io.out(text.trimEnd())
      return EXIT.done
    }
    const done = changed ? `wrote ${path}` : `nothing to do in ${path}`
    const notes = [
      ...behind.map(each => `${each} takes precedence over this file here`),
      ...(replaces === undefined
        ? []
        : [`in this linked worktree it replaces ${replaces}, which the main worktree still uses`]),
      ...(untrusted
        ? [`not used yet: ${oneLine(untrusted.message)}; to fix it: ${oneLine(untrusted.remedy)}`]
        : []),
    ]
    const json = { ...written, written: changed && !dryRun, trusted: untrusted === undefined }
    return print({ lines: [`presence: ${done}`], json, notes }, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true, { isBeside: true })
  }
}

function problemWith(
  kind: readonly string[],
  hooks: string | undefined,
  mcp: string | undefined,
  options: Options,
) {
  if (hooks !== undefined && mcp !== undefined)
    return '--hooks and --mcp write different files: run init twice'
  if (mcp !== undefined)
    return onlyWithHooks({ ...options, remove: false }) ?? notWith('--mcp', kind, options)
  return hooks === undefined ? onlyWithHooks(options) : notWith('--hooks', kind, options)
}

function onlyWithHooks({
  remove,
  denyTaskTools,
  releaseOnStop,
  statusline,
  guard,
  via,
}: Options): string | undefined {
  const given = {
    '--remove': remove,
    '--deny-task-tools': denyTaskTools,
    '--release-on-stop': releaseOnStop,
    '--statusline': statusline,
    '--guard': guard !== undefined,
    '--via': via !== undefined,
  }
  const [option] = Object.entries(given).find(([, value]) => value) ?? []
  return (
    option && `${option} requires --hooks <agent>${option === '--remove' ? ', --mcp <agent> or --rules' : ''}`
  )
}

function notWithRules(options: Options) {
  const { kind = [], user, dsn, denyTaskTools, releaseOnStop, statusline, guard, via } = options
  const given = {
    '--kind': kind.length > 0,
    '--dsn': dsn !== undefined,
    '--user': user,
    '--deny-task-tools': denyTaskTools,
    '--release-on-stop': releaseOnStop,
    '--statusline': statusline,
    '--guard': guard !== undefined,
    '--via': via !== undefined,
  }
  const [option] = Object.entries(given).find(([, value]) => value) ?? []
  return option && `--rules writes only the project's rules: for ${option}, run init again without --rules`
}

function notWith(other: string, kind: readonly string[], { dsn }: Globals): string | undefined {
  const option = dsn === undefined ? (kind.length > 0 ? '--kind' : undefined) : '--dsn'
  return (
    option && `${option} goes into the config file, and ${other} into an agent's settings: run init twice`
  )
}

async function writeRules({ print: dryRun = false, remove = false, ...globals }: Options, io: Io) {
  try {
    const { doneTo, filesWithRules, writeFile } = await import('../wiring/wire.ts')
    const files = filesWithRules(remove, io.env, io.cwd)
    if (dryRun && !globals.json) {
      for (const { path, text } of files) io.out(`# ${path}\n${text.trimEnd()}`)
      return EXIT.done
    }
    const lines = files.map(file => `presence: ${doneTo(file, { remove })}`)
    if (!dryRun) for (const file of files) writeFile(file)
    const json = files.map(({ notes: _notes, ...file }) => ({ ...file, written: file.changed && !dryRun }))
    const none = ['presence: nothing to remove: the project has no AGENTS.md, CLAUDE.md or GEMINI.md']
    return print({ lines: lines.length > 0 ? lines : none, json: { files: json } }, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true, { isBeside: true })
  }
}

/** Why the hooks can't be wired to a server. */
function problemOf(asked: ReturnType<typeof serverOf>, agent: WiringAgent, statusLine: boolean) {
  if (!agent.hasHttpHooks)
    return {
      problem: `${agent.name} has no hooks over HTTP: all of them are commands`,
      remedy: 'leave --http out; the commands find the board by PRESENCE_DSN',
    }
  if (statusLine)
    return {
      problem:
        'the status line shows what hooks on this machine last saw, but with --http a server runs the hooks',
      remedy: 'leave out --statusline or --http',
    }
  return 'problem' in asked ? asked : undefined
}

/** Writes an agent's hooks and rules, removes them, or prints the files as they would be. */
async function wire(
  name: string,
  {
    user = false,
    print: dryRun = false,
    remove = false,
    denyTaskTools = false,
    releaseOnStop = false,
    statusline: statusLine = false,
    http,
    guard: asked,
    via,
    ...globals
  }: Options,
  io: Io,
): Promise<ExitStatus> {
  const agent = WIRING_AGENTS.find(each => each.name === name)
  if (!agent) return EXIT.usage
  if (statusLine && !agent.hasStatusLine) {
    io.err(`presence: ${name} has no status line that a command can fill`)
    io.err('presence: hint: leave --statusline out')
    return EXIT.usage
  }
  if (via === 'mcp' && !agent.hasMcpHooks) {
    io.err(`presence: the guard of ${name} can't be asked through its MCP server`)
    io.err('presence: hint: leave --via out')
    return EXIT.usage
  }
  const named = http === undefined ? undefined : serverOf(http === true ? SERVER_DEFAULT : http)
  const problem = named && problemOf(named, agent, statusLine)
  if (problem) {
    io.err(`presence: ${problem.problem}`)
    io.err(`presence: hint: ${problem.remedy}`)
    return EXIT.usage
  }
  const server = named && 'url' in named ? named.url : undefined
  try {
    // Loaded here because no other verb needs the code that edits JSON as text.
    const [{ doneTo, guardIn, projectTop, wiredFiles, writeFile }, { agentNotes }, { missingForHooks }] =
      await Promise.all([
        import('../wiring/wire.ts'),
        import('../wiring/agent-trust.ts'),
        import('../wiring/missing.ts'),
      ])
    const before = guardIn(agent, user, io.env, io.cwd)
    const guard = asked ?? before.guard
    const viaMcp = via === undefined ? before.viaMcp : via === 'mcp'
    const files = wiredFiles(
      agent,
      { user, remove, denyTaskTools, releaseOnStop, statusLine, server, guard, viaMcp },
      io.env,
      io.cwd,
    )
    if (dryRun && !globals.json) {
      for (const { path, text } of files) io.out(`# ${path}\n${text.trimEnd()}`)
      return EXIT.done
    }
    const lines = files.map(file => `presence: ${doneTo(file, { remove })}`)
    if (!dryRun) for (const file of files) writeFile(file)
    // The user names the address, so it is trusted: see packages/core/src/config/trusted-address.ts.
    const project = user ? undefined : projectTop(io.cwd)
    if (!dryRun && remove) forgetAddresses(project, io.env)
    else if (!dryRun && server !== undefined) trustAddress(server, project, io.env)
    const json = files.map(({ notes: _notes, ...file }) => ({ ...file, written: file.changed && !dryRun }))
    const notes = [
      ...files.flatMap(file => file.notes),
      ...(remove || dryRun ? [] : missingForHooks(agent, { user, server }, io.env)),
      ...(remove || dryRun ? [] : await agentNotes(name, user, io.env, io.cwd)),
    ]
    return print({ lines, json: { agent: name, files: json }, notes }, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true, { isBeside: true })
  }
}
