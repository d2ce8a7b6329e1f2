import type { Environment } from '@presence/core'
import {
  type ConfigFile,
  changesSince,
  isGuardTrusted,
  isTrusted,
  isTrustedAddress,
  looseIn,
  type NeedsTrust,
  needsTrust,
  oneLine,
  originOf,
  readConfigs,
  store,
  trustAddress,
  trustGuard,
} from '@presence/core/internal'
import { findHandlers } from '../wiring/find-hooks.ts'
import { projectTop } from '../wiring/wire.ts'
import { factsOn, factsOnGuard, nameOfBoard } from './facts.ts'

/** Something that this user may trust. */
export interface Question {
  /** It in a few words. */
  readonly what: string
  /** Everything that decides it, one fact per line. */
  readonly facts: readonly string[]
  trust(): void
}

/**
 * What a project names and this user doesn't trust yet: the board of its config file, what the file says
 * about the guard, and the servers that the hooks of agents ask.
 *
 * @throws PresenceError `invalid_config`
 */
export function questionsIn(folder: string, env: Environment): readonly Question[] {
  const { files } = readConfigs(folder, env)
  const needed = files.flatMap(file => needsTrust(file) ?? []).filter(each => !isTrusted(each, env))
  const guards = files.filter(
    file => !file.own && looseIn(file.config.guard ?? {}).length > 0 && !isGuardTrusted(file, env),
  )
  return [
    ...needed.map(each => ofConfig(each, env)),
    ...guards.map(file => ofGuard(file, env)),
    ...ofHooks(folder, env),
  ]
}

/** @throws PresenceError if the file says nothing that could be used */
function ofConfig(needed: NeedsTrust, env: Environment): Question {
  const { file, fields } = needed
  if (file.fault) throw file.fault
  return {
    what: `${nameOfBoard(needed)} in ${oneLine(file.base)}`,
    facts: factsOn(needed, changesSince(needed, env, oneLine)),
    trust: () => store(file.base, fields, env),
  }
}

function ofGuard(file: ConfigFile, env: Environment): Question {
  return {
    what: `the guard's settings in ${oneLine(file.path)}`,
    facts: factsOnGuard(file),
    trust: () => trustGuard(file, env),
  }
}

function ofHooks(folder: string, env: Environment): readonly Question[] {
  const found = new Map<string, Question>()
  for (const { server = '', file, own } of findHandlers(env, folder)) {
    const origin = originOf(server)
    if (origin === undefined || isTrustedAddress(server, folder, env)) continue
    const project = own ? undefined : projectTop(folder)
    found.set(`${project} ${origin}`, {
      what: `the presence server ${origin}${project === undefined ? '' : ` in ${oneLine(project)}`}`,
      facts: [
        oneLine(file),
        `  has hooks that ask the presence server ${origin}`,
        '  it gets: where your agents work, what they claim and why, and PRESENCE_SERVER_TOKEN',
        '  what it answers is read by your agents, and it may refuse their tools and prompts',
      ],
      trust: () => trustAddress(server, project, env),
    })
  }
  return [...found.values()]
}
