import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Environment, PresenceError } from '@presence/core'
import { isObject } from '@presence/core/internal'
import { insertInto, valueAt, without } from './edit.ts'
import { checkJson } from './settings.ts'
import type { OurTable } from './toml.ts'
import { edited, projectTop, type WiredFile } from './wire.ts'

/** An agent that starts MCP servers, and the files that name them. */
export interface McpAgent {
  readonly name: string
  /** Relative to the project. */
  readonly file: string
  /** Relative to the user's home; undefined if only the agent itself may write there. */
  readonly userFile: string | undefined
  /** The command with which a person adds it for all projects, if there is no such file. */
  readonly byHand?: string
  readonly format: 'json' | 'toml'
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

/** Codex passes few variables on to a server. These name the board and the session. */
export const TABLE: OurTable = {
  keys: ['mcp_servers', NAME],
  values: {
    ...SERVER,
    env_vars: [
      'PRESENCE_DSN',
      'PRESENCE_SESSION_ID',
      'PRESENCE_HOOK_SESSION_ID',
      'PRESENCE_ROLE',
      'XDG_CONFIG_HOME',
      'XDG_STATE_HOME',
    ],
  },
}

/** True if this version writes exactly this server into JSON. */
export function isWrittenServer(server: unknown): boolean {
  const { type, ...rest } = (server ?? {}) as Record<string, unknown>
  return (type === undefined || type === 'stdio') && JSON.stringify(rest) === JSON.stringify(SERVER)
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
): Promise<WiredFile> {
  const path = mcpPath(agent, user, env, cwd)
  if (agent.format === 'toml') {
    const { withTable } = await import('./toml.ts')
    return edited(path, text => withTable(text, path, TABLE, { present: !remove }))
  }
  return edited(
    path,
    text => (remove && text === '' ? '' : withServer(text, path, !remove)),
    text =>
      hasAnother(text)
        ? [`${path} has another server called ${NAME}, which stays; it does not start ${NAME} mcp`]
        : [],
  )
}

/**
 * @throws PresenceError `invalid_config` if the agent keeps a user's servers in a file that only it may write
 */
export function mcpPath(agent: McpAgent, user: boolean, env: Environment, cwd: string): string {
  const file = user ? agent.userFile : agent.file
  if (file !== undefined) return join(user ? env['HOME'] || homedir() : projectTop(cwd), file)
  throw new PresenceError(
    'invalid_config',
    `${agent.name} keeps your own servers in a file that it writes itself`,
    `run: ${agent.byHand}`,
  )
}

/** The server named presence in a JSON file; undefined if the server or the file is missing. */
export function serverIn(path: string): unknown {
  return existsSync(path) ? valueAt(readFileSync(path, 'utf8'), [SERVERS, NAME]) : undefined
}

function withServer(text: string, path: string, present: boolean): string {
  if (text.startsWith('\ufeff')) return `\ufeff${withServer(text.slice(1), path, present)}`
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
  if (there !== undefined) return edit
  return servers === undefined
    ? insertInto(edit, [], { [NAME]: SERVER }, SERVERS)
    : insertInto(edit, [SERVERS], SERVER, NAME)
}

function withoutServer(text: string): string {
  const edit = without(text, [SERVERS, NAME])
  return Object.keys(valueAt(edit, [SERVERS]) as object).length === 0 ? without(edit, [SERVERS]) : edit
}

function hasAnother(text: string): boolean {
  const there = valueAt(text.replace('\ufeff', ''), [SERVERS, NAME])
  return there !== undefined && !isWrittenServer(there)
}
