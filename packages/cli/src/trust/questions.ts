import type { Environment } from '@presence/core'
import {
  changesSince,
  isTrusted,
  isTrustedAddress,
  type NeedsTrust,
  needsTrust,
  oneLine,
  originOf,
  readConfigs,
  store,
  trustAddress,
} from '@presence/core/internal'
import { findHandlers } from '../wiring/find-hooks.ts'
import { projectTop } from '../wiring/wire.ts'
import { factsOn, nameOfBoard } from './facts.ts'

/** Something that this user may trust. */
export interface Question {
  /** It in a few words. */
  readonly what: string
  /** Everything that decides it, one fact per line. */
  readonly facts: readonly string[]
  trust(): void
}

/**
 * What a project names and this user doesn't trust yet: the board of its config file, and the servers that the
 * hooks of agents ask.
 *
 * @throws PresenceError `invalid_config`
 */
export function questionsIn(folder: string, env: Environment): readonly Question[] {
  const { files } = readConfigs(folder, env)
  const needed = files.flatMap(file => needsTrust(file) ?? []).filter(each => !isTrusted(each, env))
  return [...needed.map(each => ofConfig(each, env)), ...ofHooks(folder, env)]
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
