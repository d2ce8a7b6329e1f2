import { parseFlags, span } from '../../support/index.ts'
import type { Tool } from '../../tool.ts'
import { changesOn, FLAGS, READS } from './hosts.ts'

const PULL = {
  values: [
    ...FLAGS.values,
    ...'-C --checkout|-U --url|-d --directory|-s --sleep|-t --tags|-m --module-name'.split('|'),
  ],
  switches: ['-h --help'],
}

/** ansible-pull runs a playbook of a repository on this machine. */
export const ansiblePull: Tool = {
  names: ['ansible-pull'],
  effects: call => {
    const flags = parseFlags(call.args, PULL)
    if (!flags.has('url') || flags.has('check', 'list-hosts', 'help', 'version')) return []
    return changesOn([call.host], 'pull', span(call.word, flags.value('url')))
  },
}

/** What ansible-galaxy does on the server that others share. Roles and collections of this machine are silent. */
const GALAXY: ReadonlySet<string> = new Set([
  'delete',
  'import',
  'setup',
  'role delete',
  'role import',
  'role setup',
  'collection publish',
])

export const ansibleGalaxy: Tool = {
  names: ['ansible-galaxy'],
  effects: call => {
    const flags = parseFlags(call.args, {
      values: [
        '-s --server',
        '--token',
        '--api-key',
        '--timeout',
        '-c',
        '--import-timeout',
        '--branch',
        '--role-name',
      ],
      switches: ['-h --help'],
    })
    const [first, second] = flags.words
    const isTyped = first?.text === 'role' || first?.text === 'collection'
    const words = first && (isTyped && second ? [first, second] : [first])
    const verb = words?.map(word => word.text).join(' ')
    if (!words || verb === undefined || flags.has('help') || !GALAXY.has(verb)) return []
    return changesOn(undefined, verb, span(call.word, ...words))
  },
}

/** A session in which a person types commands that aren't known. */
export const ansibleConsole: Tool = {
  names: ['ansible-console'],
  effects: call => {
    if (parseFlags(call.args, FLAGS).has(...READS)) return []
    const words = span(call.word)
    return [{ label: undefined, verb: 'console', effect: 'unknown', target: 'unknown', words }]
  },
}
