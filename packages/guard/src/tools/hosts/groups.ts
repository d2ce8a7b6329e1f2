import { type Flags, labelOf, parseFlags } from '../support/index.ts'
import type { Found, Word } from '../tool.ts'
import { GROUPS, tableOf } from './docker-verbs.ts'
import { changed, containerLabel, onEach, onHost, thingLabel, type Verb, volumeLabel } from './engine.ts'
import { isPushed } from './pushes.ts'

/** The effects of `docker <group> <verb>`. */
export function ofGroup(of: Verb, group: string, verb: string, args: readonly Word[]): readonly Found[] {
  if (isPushed(group, verb, args)) return [changed(of, undefined)]
  const flags = parseFlags(args, tableOf(group, verb))
  if (isRotating(group, verb, flags)) return [onEngine(of)]
  if (!GROUPS[group]?.includes(verb)) return []
  if (verb === 'prune' || flags.has('all')) return [onHost(of)]
  return ofNamed(of, group, verb, flags)
}

function ofNamed(of: Verb, group: string, verb: string, flags: Flags): readonly Found[] {
  const { words } = flags
  const isRemoval = verb === 'rm' || verb === 'remove' || verb === 'down'
  switch (group) {
    case 'volume':
      return onEach(of, verb === 'create' ? lastOr(flags) : volumes(verb, words), volumeLabel(of))
    case 'network':
      return ofNetwork(of, verb, words)
    case 'service':
      return ofService(of, verb, flags)
    case 'pod':
      return onEach(of, verb === 'create' || verb === 'clone' ? lastOr(flags) : words, containerLabel(of))
    case 'stack':
      return onEach(of, isRemoval ? words : words.slice(-1), containerLabel(of))
    case 'checkpoint':
      return onEach(of, words.slice(0, 1), containerLabel(of))
    case 'node':
      return onEach(of, verb === 'update' ? words.slice(-1) : words, name => nodeLabel(name))
    case 'swarm':
      return [onEngine(of)]
    case 'desktop':
    case 'machine':
      return [onHost(of)]
    case 'system':
      return verb === 'reset' ? [onEngine(of)] : [onHost(of)]
    case 'kube':
    case 'play':
    case 'quadlet':
      return [changed(of, undefined)]
    default: {
      // Only removals name several. What follows the name elsewhere may be a setting, even a secret one.
      const hasMany = isRemoval || verb === 'enable' || verb === 'disable'
      const alias = flags.value('alias')
      return onEach(of, alias ? [alias] : hasMany ? words : words.slice(0, 1), thingLabel(of, group))
    }
  }
}

/** `volume import NAME FILE`. */
function volumes(verb: string, words: readonly Word[]): readonly Word[] {
  if (verb === 'import') return words.slice(0, 1)
  return verb === 'update' ? words.slice(-1) : words
}

/** Swarm's nodes are machines. */
const nodeLabel = (name: string) => labelOf('host', name.toLowerCase())

/** The machine of the engine as one thing. */
function onEngine(of: Verb): Found {
  return { ...onHost(of), target: of.engine.host ? 'exact' : 'unknown' }
}

/** `swarm join-token --rotate worker`, `swarm unlock-key --rotate`. */
function isRotating(group: string, verb: string, flags: Flags): boolean {
  return group === 'swarm' && /^(join-token|unlock-key)$/.test(verb) && flags.has('rotate')
}

/** What `--name` says, or else the last word. */
function lastOr(flags: Flags): readonly Word[] {
  const name = flags.value('name')
  return name ? [name] : flags.words.slice(-1)
}

/** `network connect NETWORK CONTAINER` changes both. */
function ofNetwork(of: Verb, verb: string, words: readonly Word[]): readonly Found[] {
  const label = thingLabel(of, 'network')
  if (verb === 'rm' || verb === 'remove') return onEach(of, words, label)
  if (verb === 'reload') return onEach(of, words, containerLabel(of))
  if (verb === 'create' || verb === 'update') return onEach(of, words.slice(-1), label)
  const container = words.slice(1, 2)
  return [
    ...onEach(of, words.slice(0, 1), label),
    ...(container.length ? onEach(of, container, containerLabel(of)) : []),
  ]
}

/** `service create --name web IMAGE`, `service scale web=3`, `service update --image x web`. */
function ofService(of: Verb, verb: string, flags: Flags): readonly Found[] {
  const { words } = flags
  const name = flags.value('name')
  if (verb === 'create') return onEach(of, name ? [name] : [], containerLabel(of))
  if (verb === 'update' || verb === 'rollback') return onEach(of, words.slice(-1), containerLabel(of))
  const scaled = words.map(word => ({ ...word, text: word.text?.split('=')[0] }))
  return onEach(of, verb === 'scale' ? scaled : words, containerLabel(of))
}
