import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Environment, PresenceError } from '@presence/core'
import { isObject } from '@presence/core/internal'
import { insertInto, valueAt, without } from './edit.ts'
import { checkJson } from './settings.ts'
import { textIn } from './text-in.ts'
import type { OurTable } from './toml.ts'
import { requireUserFile } from './user-folder.ts'
import { edited, projectTop, type ReadText, readerOf, type WiredFile } from './wire.ts'

/** An agent that starts MCP servers, and the files that name them. */
export interface McpAgent {
  readonly name: string
  /** Relative to the project. */
  readonly file: string
  /** Relative to the user's home; undefined if only the agent itself may write there. */
  readonly userFile: string | undefined
  /** The command with which a person adds it for all projects, if there is no such file, and where that is then. */
  readonly byHand?: string
  readonly byHandFile?: string
  /** The command that removes it again. */
  readonly byHandRemoved?: string
  readonly format: 'json' | 'toml'
  /** The variables that the server's entry must hand on, because the agent would keep them from it. */
  readonly env?: Readonly<Record<string, string>>
  /** Instructions for steps that a person must do; printed after writing. */
  readonly besides?: string
}

export const MCP_AGENTS: readonly McpAgent[] = [
  {
    name: 'claude-code',
    file: '.mcp.json',
    // Claude Code keeps a user's own servers in ~/.claude.json, together with its other state, and rewrites
    // that file all the time.
    userFile: undefined,
    byHand: 'claude mcp add --scope user presence -- presence mcp',
    byHandFile: '.claude.json',
    byHandRemoved: 'claude mcp remove --scope user presence',
    format: 'json',
    besides: "Claude Code asks once whether a project's servers may run",
  },
  {
    name: 'codex',
    file: '.codex/config.toml',
    userFile: '.codex/config.toml',
    format: 'toml',
    besides: "Codex reads a project's servers once you trust the project",
  },
  {
    name: 'gemini-cli',
    file: '.gemini/settings.json',
    userFile: '.gemini/settings.json',
    format: 'json',
    // It keeps variables with such names from a server, unless its entry names them. Not PRESENCE_PASSWORD: Gemini
    // CLI would change a $ in a value.
    env: handedOn(
      'PRESENCE_PASSWORD_FILE',
      'PRESENCE_SERVER_TOKEN_FILE',
      'PRESENCE_SERVER_TOKEN',
      'NODE_EXTRA_CA_CERTS',
    ),
  },
  {
    name: 'cursor',
    file: '.cursor/mcp.json',
    userFile: '.cursor/mcp.json',
    format: 'json',
    besides:
      "Cursor doesn't tell its servers which session they serve: its agent can name one with coord_register_presence",
  },
]

const SERVERS = 'mcpServers'
const NAME = 'presence'

/** Uses the name on PATH, because all users share a project's file. */
const SERVER = { command: 'presence', args: ['mcp'] } as const

/**
 * Codex passes few variables on to a server. These name the board and its secrets, what is trusted, and the session.
 */
export const TABLE: OurTable = {
  keys: ['mcp_servers', NAME],
  values: {
    ...SERVER,
    env_vars: [
      'PRESENCE_DSN',
      'PRESENCE_PASSWORD',
      'PRESENCE_PASSWORD_FILE',
      'PRESENCE_SERVER_TOKEN',
      'PRESENCE_SERVER_TOKEN_FILE',
      'PRESENCE_TRUST',
      'NODE_EXTRA_CA_CERTS',
      'PRESENCE_SESSION_ID',
      'PRESENCE_HOOK_SESSION_ID',
      'PRESENCE_SESSION_FOR',
      'PRESENCE_ROLE',
      'CLAUDE_INSTANCE_ID',
      'PRESENCE_AGENT',
      'XDG_CONFIG_HOME',
      'XDG_STATE_HOME',
    ],
  },
  open: 'env_vars',
}

/** The parts of a server's entry to which a user may add. `env_vars` is Codex's. */
export interface WrittenServer {
  readonly env?: Readonly<Record<string, unknown>>
  readonly env_vars?: readonly (string | { readonly name?: string })[]
}

/**
 * True if this version writes this server, or if Claude Code does when it is told to. What its user added to the
 * variables doesn't matter.
 */
export function isWrittenServer(server: unknown): server is WrittenServer {
  const { type, env = {}, env_vars = [], ...rest } = (server ?? {}) as Record<string, unknown>
  const isPlain = (type === undefined || type === 'stdio') && isObject(env) && Array.isArray(env_vars)
  return isPlain && isDeepStrictEqual(rest, SERVER)
}

/**
 * The file that makes an agent start `presence mcp`, with our server in it or, with `remove`, without it. A
 * server of the same name that is not ours stays.
 *
 * @throws PresenceError `invalid_config` if the file can't be edited
 */
export async function mcpFile(
  agent: McpAgent,
  { user, remove }: { readonly user: boolean; readonly remove: boolean },
  env: Environment,
  cwd: string,
  read: ReadText = readerOf(user, cwd),
): Promise<WiredFile> {
  const path = mcpPath(agent, user, env, cwd)
  if (agent.format === 'toml') {
    const { withTable } = await import('./toml.ts')
    return edited(path, text => withTable(text, path, TABLE, { present: !remove }), undefined, read)
  }
  return edited(
    path,
    text => (remove && text.trim() === '' ? text : withServer(text, path, agent, !remove)),
    text =>
      hasAnother(text)
        ? [`${path} has another server called ${NAME}, which stays; it does not start ${NAME} mcp`]
        : [],
    read,
  )
}

/**
 * @throws PresenceError `invalid_config` if the agent keeps a user's servers in a file that only it may write
 */
export function mcpPath(agent: McpAgent, user: boolean, env: Environment, cwd: string): string {
  const file = user ? agent.userFile : agent.file
  if (file !== undefined)
    return user ? requireUserFile(agent.name, file, env, cwd) : join(projectTop(cwd), file)
  throw new PresenceError(
    'invalid_config',
    `${agent.name} keeps your own servers in a file that it writes itself`,
    `run: ${agent.byHand}`,
  )
}

/** The server named presence in a JSON file; undefined if the server or the file is missing. */
export function serverIn(path: string): unknown {
  return existsSync(path) ? valueAt(textIn(path), [SERVERS, NAME]) : undefined
}

function withServer(text: string, path: string, agent: McpAgent, present: boolean): string {
  if (text.startsWith('\ufeff')) return `\ufeff${withServer(text.slice(1), path, agent, present)}`
  const edit = text.trim() === '' ? '{}\n' : text
  checkJson(edit, path)
  const servers = valueAt(edit, [SERVERS])
  if (servers !== undefined && !isObject(servers))
    throw new PresenceError(
      'invalid_config',
      `${path} has ${SERVERS} that are not an object`,
      'fix it, or move it out of the way',
    )
  const there = valueAt(edit, [SERVERS, NAME])
  if (!present) return isWrittenServer(there) ? withoutServer(edit) : edit
  if (there !== undefined) return isWrittenServer(there) ? withVariables(edit, there, agent) : edit
  const server = agent.env ? { ...SERVER, env: agent.env } : SERVER
  return servers === undefined
    ? insertInto(edit, [], { [NAME]: server }, SERVERS)
    : insertInto(edit, [SERVERS], server, NAME)
}

/** Adds the variables that our server lacks, and leaves those that it has. */
function withVariables(text: string, { env: there }: WrittenServer, { env = {} }: McpAgent): string {
  const missing = Object.entries(env).filter(([name]) => there?.[name] === undefined)
  if (missing.length === 0) return text
  const at = [SERVERS, NAME]
  if (there === undefined) return insertInto(text, at, env, 'env')
  return missing.reduce((edit, [name, value]) => insertInto(edit, [...at, 'env'], value, name), text)
}

/** Agents replace such a value by that of the variable in their own environment, and by nothing if it is unset. */
function handedOn(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, `\${${name}:-}`]))
}

function withoutServer(text: string): string {
  const edit = without(text, [SERVERS, NAME])
  return Object.keys(valueAt(edit, [SERVERS]) as object).length === 0 ? without(edit, [SERVERS]) : edit
}

function hasAnother(text: string): boolean {
  const there = valueAt(text.replace('\ufeff', ''), [SERVERS, NAME])
  return there !== undefined && !isWrittenServer(there)
}
