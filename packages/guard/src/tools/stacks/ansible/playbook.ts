import { posix } from 'node:path'
import { isMap, listAt, readYaml, textAt, type Yaml } from '../../../yaml/index.ts'
import { parseFlags, span } from '../../support/index.ts'
import type { Call, Tool } from '../../tool.ts'
import { changesOn, FLAGS, machinesIn, READS } from './hosts.ts'

const OWN = { ...FLAGS, values: [...FLAGS.values, '-t --tags', '--start-at-task'] }
/** Playbooks that import each other, and plays, of one command. */
const FILES_MAX = 16
const PLAYS_MAX = 200

/** ansible-playbook changes the hosts of every play in its playbooks, by its manual of version 2.19. */
export const ansiblePlaybook: Tool = {
  names: ['ansible-playbook'],
  effects: call => {
    const flags = parseFlags(call.args, OWN)
    if (flags.words.length === 0 || flags.has(...READS)) return []
    const machines = machinesIn(call, flags)
    const seen = new Set<string | undefined>()
    return flags.words.flatMap(word => {
      if (seen.has(word.text) || call.budget.isOver()) return []
      seen.add(word.text)
      const at = span(call.word, word)
      const plays = new Plays(call)
      plays.add(word.text)
      return [...plays.patterns].flatMap(pattern =>
        changesOn(pattern === HERE ? [call.host] : machines(pattern), 'playbook', at),
      )
    })
  },
}

/** Stands for the machine that runs the playbook. */
const HERE = Symbol('this machine')

/** The `hosts` of each play of a playbook, and of those that it imports. Undefined for what can't be read. */
class Plays {
  readonly patterns = new Set<string | undefined | typeof HERE>()
  readonly #call: Call
  readonly #files = new Set<string>()

  constructor(call: Call) {
    this.#call = call
  }

  add(path: string | undefined): void {
    if (path !== undefined && this.#files.has(path)) return
    const isTooMuch = this.#files.size >= FILES_MAX || this.#call.budget.isOver()
    const text = path === undefined || isTooMuch ? undefined : this.#call.read(path)
    const plays = text === undefined ? undefined : readYaml(text, this.#call.budget)[0]
    if (path === undefined || !Array.isArray(plays)) {
      this.patterns.add(undefined)
      return
    }
    this.#files.add(path)
    for (const play of (plays as readonly Yaml[]).slice(0, PLAYS_MAX))
      this.#addPlay(play, posix.dirname(path))
    if (plays.length > PLAYS_MAX) this.patterns.add(undefined)
  }

  #addPlay(play: Yaml, folder: string): void {
    if (!isMap(play)) {
      this.patterns.add(undefined)
      return
    }
    const key = ['import_playbook', 'ansible.builtin.import_playbook', 'include'].find(each => each in play)
    if (key === undefined) this.patterns.add(patternIn(play))
    else {
      const imported = textAt(play, key)?.split(' ')[0]
      this.add(
        imported === undefined ? undefined : posix.join(imported.startsWith('/') ? '/' : folder, imported),
      )
    }
  }
}

function patternIn(play: Readonly<Record<string, Yaml>>): string | undefined | typeof HERE {
  if (textAt(play, 'connection') === 'local') return HERE
  const listed = listAt(play, 'hosts')
  if (listed.some(each => typeof each !== 'string')) return undefined
  return textAt(play, 'hosts') ?? (listed.join(',') || undefined)
}
