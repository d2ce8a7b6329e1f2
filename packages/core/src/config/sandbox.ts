import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { pathOf } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Environment } from './folders.ts'
import { nearestFolder } from './nearest-folder.ts'

/** A sandbox in which an agent runs its commands. */
interface Sandbox {
  /** As in "the board can't be reached from inside …". */
  readonly name: string
  /** True if the variables say that the process is inside it. */
  readonly isInside: (env: Environment) => boolean
  /**
   * True if the variables only say that the agent started the process. Its sandbox is then the likely reason of a
   * denial that no file mode explains.
   */
  readonly isLikely?: (env: Environment) => boolean
  /** True if there is no network inside, however a connection fails. */
  readonly hasNoNetwork?: (env: Environment) => boolean
  /** True if the agent's MCP servers run outside of it. */
  readonly mcpIsOutside: boolean
  /** The setting that lets its commands write into a folder. */
  readonly allowsFolder: (folder: string) => string
  /** The setting that lets its commands connect. */
  readonly allowsNetwork: string
}

/**
 * Codex sets `CODEX_SANDBOX` on macOS only, and `CODEX_SANDBOX_NETWORK_DISABLED` wherever the network is off.
 * Claude Code's sandbox runtime sets `SANDBOX_RUNTIME`, and names its proxy if it restricts the network. Gemini CLI
 * runs itself in the sandbox that `SANDBOX` names, with its MCP servers.
 */
const SANDBOXES: readonly Sandbox[] = [
  {
    name: "Codex's sandbox",
    isInside: env => Boolean(env['CODEX_SANDBOX'] || env['CODEX_SANDBOX_NETWORK_DISABLED']),
    isLikely: env => Boolean(env['CODEX_THREAD_ID'] || env['CODEX_SESSION_ID']),
    hasNoNetwork: env => Boolean(env['CODEX_SANDBOX_NETWORK_DISABLED']),
    mcpIsOutside: true,
    allowsFolder: folder =>
      `in Codex's config.toml, under [sandbox_workspace_write]: writable_roots = [${JSON.stringify(folder)}]`,
    allowsNetwork: "in Codex's config.toml, under [sandbox_workspace_write]: network_access = true",
  },
  {
    name: "Claude Code's sandbox",
    isInside: env => Boolean(env['SANDBOX_RUNTIME']),
    isLikely: env => Boolean(env['CLAUDECODE']),
    hasNoNetwork: env =>
      Boolean(env['SANDBOX_RUNTIME'] && (env['ALL_PROXY'] || env['HTTPS_PROXY'] || env['HTTP_PROXY'])),
    mcpIsOutside: true,
    allowsFolder: folder =>
      `in Claude Code's settings.json, under sandbox.filesystem: "allowWrite": [${JSON.stringify(folder)}]`,
    allowsNetwork: 'in Claude Code\'s settings.json, under sandbox: "excludedCommands": ["presence *"]',
  },
  {
    name: "Cursor's sandbox",
    isInside: env => Boolean(env['CURSOR_SANDBOX']),
    isLikely: env => Boolean(env['CURSOR_AGENT']),
    mcpIsOutside: true,
    allowsFolder: folder =>
      `in Cursor's sandbox.json: "additionalReadwritePaths": [${JSON.stringify(folder)}]`,
    allowsNetwork: "in Cursor's sandbox.json, under networkPolicy: allow the board's host",
  },
  {
    name: "Gemini CLI's sandbox",
    isInside: env => Boolean(env['SANDBOX'] && env['GEMINI_CLI']),
    isLikely: env => Boolean(env['GEMINI_CLI']),
    mcpIsOutside: false,
    allowsFolder: folder => `for Gemini CLI, in a sandbox profile of your own (SEATBELT_PROFILE): ${folder}`,
    allowsNetwork: 'for Gemini CLI, in a sandbox profile of your own (SEATBELT_PROFILE): the network',
  },
]

/** If nothing names the sandbox. A firewall and a service manager can deny connections too. */
const UNNAMED = 'a sandbox or a firewall on this machine'

/** The sandbox that this process runs in, as far as its environment tells. Undefined if it names none. */
export function sandboxName(env: Environment = process.env): string | undefined {
  return SANDBOXES.find(({ isInside }) => isInside(env))?.name
}

/** The error codes with which the system itself denies a connection, instead of the network or the peer. */
const DENIED: ReadonlySet<string> = new Set(['EPERM', 'EACCES'])
/**
 * How else a connection fails inside a sandbox without a network: it has no routes. A refused connection is no sign:
 * often the server just doesn't run.
 */
const NO_NETWORK: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
])

/**
 * The fault for a connection that a sandbox denies; undefined if it failed for another reason.
 *
 * @param code of the error that the connection failed with
 * @param board for the message
 */
export function sandboxedConnection(
  code: string,
  board: string,
  cause: unknown,
  env: Environment = process.env,
): PresenceError | undefined {
  const denied = DENIED.has(code)
  const inside = SANDBOXES.find(({ isInside }) => isInside(env))
  const likely = inside ?? (denied ? SANDBOXES.find(({ isLikely }) => isLikely?.(env)) : undefined)
  if (!denied && !(NO_NETWORK.has(code) && inside?.hasNoNetwork?.(env))) return undefined
  const message = `${likely?.name ?? UNNAMED} doesn't let this process connect to the board at ${board} (${code})`
  return new PresenceError(
    'sandboxed',
    message,
    likely ? remedyOf(likely, likely.allowsNetwork) : `allow connections to ${board} for this process`,
    { cause },
  )
}

/**
 * What to try first after a connection was refused inside a sandbox without a network, where the loopback may be
 * another one than the server's. Empty elsewhere.
 */
export function firstOutside(code: string, env: Environment = process.env): string {
  const inside = SANDBOXES.find(({ isInside }) => isInside(env))
  return code === 'ECONNREFUSED' && inside?.mcpIsOutside && inside.hasNoNetwork?.(env)
    ? `try presence's MCP tools, which run outside of ${inside.name}; or `
    : ''
}

/**
 * The fault for a board's file that a sandbox doesn't let this process use; undefined if its mode, or a read-only
 * disk, is the reason.
 *
 * @param code of the error, from the file system
 * @param file the board's file
 */
export function sandboxedFile(
  code: string,
  file: string,
  cause: unknown,
  env: Environment = process.env,
): PresenceError | undefined {
  const folder = dirname(file)
  const inside = SANDBOXES.find(({ isInside }) => isInside(env))
  const found = inside ?? SANDBOXES.find(({ isLikely }) => isLikely?.(env))
  if (!found || !isDeniedBySystem(file)) return undefined
  return new PresenceError(
    'sandboxed',
    `${found.name} doesn't let this process write the board ${pathOf(file)} (${code})`,
    remedyOf(found, found.allowsFolder(folder)),
    { cause },
  )
}

function remedyOf({ mcpIsOutside }: Sandbox, setting: string): string {
  return mcpIsOutside
    ? `use presence's MCP tools, which run outside of it; or allow it ${setting}`
    : `allow it ${setting}`
}

/**
 * True if the modes let this user write the file, or its folder if there is no file. Landlock and other security
 * modules deny a write that the mode allows; a sandbox of mounts makes the file system read-only.
 */
function isDeniedBySystem(file: string): boolean {
  const folder = nearestFolder(dirname(file))
  return [file, folder].every(path => {
    try {
      accessSync(path, constants.W_OK)
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return code !== 'EACCES'
    }
  })
}
