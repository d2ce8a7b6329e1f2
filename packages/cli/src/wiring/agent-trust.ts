import { existsSync, realpathSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import type { Environment } from '@presence/core'
import type { AgentTrust } from '@presence/doctor/wiring'
import { valueAt } from './edit.ts'
import { textIn } from './text-in.ts'
import { relativeFolderNote, userFile } from './user-folder.ts'
import { projectTop } from './wire.ts'

/**
 * Whether agents trust the hooks that were found. An agent that doesn't trust them says nothing, and just doesn't run
 * them.
 */
export async function trustsOf(
  handlers: readonly { readonly agent: string; readonly file: string; readonly own: boolean }[],
  env: Environment,
  cwd: string,
): Promise<readonly AgentTrust[]> {
  const top = projectTop(cwd)
  const files = new Map(handlers.map(each => [`${each.agent} ${each.file}`, each]))
  const trusts = [...files.values()].map(async ({ agent, file, own }) => {
    const project = own ? undefined : await projectTrust(agent, top, env, cwd)
    const hooks = agent === 'codex' ? await codexHookTrust(file, env, cwd) : undefined
    return [project, hooks].filter(each => each !== undefined)
  })
  return (await Promise.all(trusts)).flat()
}

/** Whether an agent trusts a project; undefined for an agent that runs every project's hooks. */
async function projectTrust(
  agent: string,
  top: string,
  env: Environment,
  cwd: string,
): Promise<AgentTrust | undefined> {
  if (agent === 'gemini-cli') return geminiTrust(top, env, cwd)
  return agent === 'codex' ? codexProjectTrust(top, env, cwd) : undefined
}

/** Gemini CLI 0.61 runs a project's hooks only in a folder that its user trusts, whatever `--skip-trust` says. */
function geminiTrust(top: string, env: Environment, cwd: string): AgentTrust {
  const agent = 'gemini-cli'
  const settings = ownFile(agent, '.gemini/settings.json', env, cwd)
  if (valueIn(settings, ['security', 'folderTrust', 'enabled']) === false)
    return { agent, message: `Gemini CLI trusts every folder (${settings})` }
  // `gemini --skip-trust` sets the variable too, for its commands only: its hooks don't run.
  if (env['GEMINI_CLI_TRUST_WORKSPACE'] === 'true' && !env['GEMINI_CLI'])
    return { agent, message: 'Gemini CLI trusts every folder (GEMINI_CLI_TRUST_WORKSPACE)' }
  const file =
    env['GEMINI_CLI_TRUSTED_FOLDERS_PATH'] || ownFile(agent, '.gemini/trustedFolders.json', env, cwd)
  const said = ruleFor(top, valueIn(file, []))
  if (said === 'TRUST_FOLDER' || said === 'TRUST_PARENT')
    return { agent, message: `Gemini CLI trusts ${top} (${file})` }
  const why = said === undefined ? 'is not listed' : 'is listed as not trusted'
  return {
    agent,
    message: `Gemini CLI reads a project's hooks and servers only in a folder that you trust, and ${top} ${why} in ${file}`,
    remedy: `start gemini in ${top} and choose to trust the folder (/permissions trust)`,
  }
}

/** The rule with the longest path counts, as in Gemini CLI. */
function ruleFor(folder: string, rules: unknown): unknown {
  const matching = Object.entries((rules ?? {}) as object)
    .filter(([path, level]) => isWithin(folder, level === 'TRUST_PARENT' ? dirname(path) : path))
    .sort(([one], [other]) => other.length - one.length)
  return matching[0]?.[1]
}

function isWithin(folder: string, above: string): boolean {
  const path = relative(realPath(above), realPath(folder))
  return path === '' || !/^\.\.($|\/)|^\//.test(path)
}

async function codexProjectTrust(top: string, env: Environment, cwd: string): Promise<AgentTrust> {
  const agent = 'codex'
  const config = ownFile(agent, '.codex/config.toml', env, cwd)
  const { projects = {} } = (await tomlIn(config)) as {
    projects?: Record<string, { trust_level?: unknown } | undefined>
  }
  if ([top, realPath(top)].some(path => projects[path]?.trust_level === 'trusted'))
    return { agent, message: `Codex trusts the project ${top} (${config})` }
  return {
    agent,
    message: `Codex reads a project's hooks and servers only if you trust the project, and ${config} does not say that you trust ${top}`,
    remedy: `start codex in ${top} and choose to trust it`,
  }
}

/** Codex keeps a hash of each hook that its user has trusted. Only Codex can compare it with the hook. */
async function codexHookTrust(file: string, env: Environment, cwd: string): Promise<AgentTrust> {
  const agent = 'codex'
  const config = ownFile(agent, '.codex/config.toml', env, cwd)
  const { hooks } = (await tomlIn(config)) as { hooks?: { state?: object } }
  const isTrusted = Object.entries(hooks?.state ?? {}).some(
    ([key, state]) =>
      [file, realPath(file)].some(path => key.startsWith(`${path}:`)) &&
      typeof (state as { trusted_hash?: unknown } | null)?.trusted_hash === 'string',
  )
  if (isTrusted)
    return {
      agent,
      message: `you have trusted hooks in ${file} (${config}); after a change trust them again: /hooks`,
    }
  return {
    agent,
    message: `Codex runs hooks only after you have trusted them, and ${config} does not say that you trust those in ${file}`,
    remedy: 'start codex, and review and trust them: /hooks',
  }
}

async function tomlIn(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const text = textIn(file)
    const { parse } = await import('@decimalturn/toml-patch')
    return parse(text)
  } catch {
    return {}
  }
}

/** Only for reading and for messages: without a home folder there is no such file. */
function ownFile(agent: string, path: string, env: Environment, cwd: string): string {
  return userFile(agent, path, env, cwd) ?? `~/${path}`
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Undefined if the file or the value is missing, or the file isn't JSON. */
function valueIn(file: string, path: readonly string[]): unknown {
  try {
    return existsSync(file) ? valueAt(textIn(file), [...path]) : undefined
  } catch {
    return undefined
  }
}

/** What else it takes until an agent reads what was written for the project, or for the user. */
export async function agentNotes(
  agent: string,
  user: boolean,
  env: Environment,
  cwd: string,
): Promise<readonly string[]> {
  if (user) {
    const note = relativeFolderNote(agent, env)
    return note === undefined ? [] : [note]
  }
  const { message, remedy } = (await projectTrust(agent, projectTop(cwd), env, cwd)) ?? {}
  return remedy === undefined ? [] : [`${message}: ${remedy}`]
}
