import { changesInside, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { compose } from './compose.ts'
import { CONTAINER, GROUPS, REGISTRY, RUN_VALUES, VALUES } from './docker-verbs.ts'
import {
  changed,
  containerLabel,
  engineOf,
  GLOBAL,
  onEach,
  onHost,
  stopping,
  thingLabel,
  type Verb,
  volumeLabel,
} from './engine.ts'

/** Docker's command and Podman's, by the reference of Docker 28 and Podman 5. */
export const docker: Tool = { names: ['docker', 'nerdctl'], effects }
export const podman: Tool = { names: ['podman'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, GLOBAL)
  const [first, ...rest] = flags.words
  if (first?.text === undefined || flags.has('help', 'version')) return []
  const engine = engineOf(call, flags)
  const { text } = first
  if (text === 'compose') return compose(call, engine, rest, [first])
  const isGroup = Object.hasOwn(GROUPS, text)
  const [second] = rest
  if (isGroup && second?.text === undefined) return []
  const verb = isGroup ? `${text} ${second?.text}` : text
  const of: Verb = { call, engine, verb, at: isGroup && second ? [first, second] : [first] }
  const args = isGroup ? rest.slice(1) : rest
  if (args.some(({ text: word }) => word === '--help')) return []
  if (!isGroup || text === 'container') return ofContainer(of, isGroup ? (second?.text ?? '') : text, args)
  return ofGroup(of, text, second?.text ?? '', args)
}

function ofContainer(of: Verb, verb: string, args: readonly Word[]): readonly Found[] {
  const names = () => parseFlags(args, VALUES).words
  switch (verb) {
    case 'run':
    case 'create':
      return created(of, args)
    case 'exec':
      return executed(of, args)
    case 'cp':
      return copied(of, names())
    case 'rename':
      return onEach(of, names().slice(0, 1), containerLabel(of))
    case 'prune':
      return of.at.length > 1 ? [onHost(of)] : []
    case 'push':
      return [changed(of, undefined)]
    case 'build':
      return isPushed('image', verb, args) ? [changed(of, undefined)] : []
    default:
      if (!CONTAINER.has(verb)) return []
      return allIn(args) ? [onHost(of)] : onEach(of, names(), containerLabel(of))
  }
}

/** Podman's `--all` of stop, rm, kill and their kin. */
function allIn(args: readonly Word[]): boolean {
  return args.some(({ text }) => text === '--all' || text === '-a')
}

/** A container without a name is new, so nobody else can hold it. */
function created(of: Verb, args: readonly Word[]): readonly Found[] {
  const flags = stopping(args, RUN_VALUES)
  const name = flags.value('name')
  const [image, ...command] = flags.words
  if (image === undefined) return []
  const made = name ? onEach(of, [name], containerLabel(of)) : [changed(of, undefined)]
  return [...made, ...of.call.innerArgs(command, { isRemote: true, host: undefined })]
}

/** `exec CONTAINER COMMAND` reads, unless the command changes something. */
function executed(of: Verb, args: readonly Word[]): readonly Found[] {
  const [container, ...command] = stopping(args, RUN_VALUES).words
  if (container === undefined || command.length === 0) return []
  const inner = of.call.innerArgs(command, { isRemote: true, host: undefined })
  return changesInside(command) ? [...onEach(of, [container], containerLabel(of)), ...inner] : inner
}

/** Only copying into a container changes something: `cp FILE CONTAINER:PATH`. */
function copied(of: Verb, words: readonly Word[]): readonly Found[] {
  const last = words.at(-1)
  const text = last?.text ?? last?.start ?? ''
  const colon = text.indexOf(':')
  if (!last || words.length < 2 || colon <= 0 || /^[./]/.test(text)) return []
  const name = { ...last, text: last.text === undefined && colon < 0 ? undefined : text.slice(0, colon) }
  return onEach(of, [name], containerLabel(of))
}

/** Whether a command changes a registry, which others share. It has no label. */
function isPushed(group: string, verb: string, args: readonly Word[]): boolean {
  const [first] = args
  if (group === 'buildx' && verb === 'imagetools') return first?.text === 'create'
  const builds = verb === 'build' || verb === 'bake'
  return REGISTRY.has(`${group} ${verb}`) || (builds && args.some(({ text }) => text === '--push'))
}

function ofGroup(of: Verb, group: string, verb: string, args: readonly Word[]): readonly Found[] {
  const words = parseFlags(args, VALUES).words
  if (isPushed(group, verb, args)) return [changed(of, undefined)]
  if (!GROUPS[group]?.includes(verb)) return []
  if (verb === 'prune') return [onHost(of)]
  switch (group) {
    case 'volume':
      return verb === 'create' && words.length === 0
        ? [changed(of, undefined)]
        : onEach(of, words, volumeLabel(of))
    case 'network':
      return onEach(
        of,
        words.slice(0, verb === 'rm' || verb === 'remove' ? undefined : 1),
        thingLabel(of, 'network'),
      )
    case 'service':
      return ofService(of, verb, args, words)
    case 'pod':
      return allIn(args) ? [onHost(of)] : onEach(of, named(args) ?? words, containerLabel(of))
    case 'stack':
      return onEach(of, words.slice(-1), name => containerLabel(of)(name))
    case 'node':
      return onEach(of, words, name => `host:${name.toLowerCase()}`)
    case 'swarm':
    case 'system':
      return [{ ...onHost(of), target: of.engine.host ? 'exact' : 'unknown' }]
    case 'kube':
      return [changed(of, undefined)]
    default:
      return onEach(
        of,
        words.slice(0, /^(create|set|install|upgrade)$/.test(verb) ? 1 : undefined),
        thingLabel(of, group),
      )
  }
}

/** `service create --name web IMAGE`, `service scale web=3`. */
function ofService(of: Verb, verb: string, args: readonly Word[], words: readonly Word[]): readonly Found[] {
  if (verb === 'create') return onEach(of, named(args) ?? [], containerLabel(of))
  if (verb !== 'scale') return onEach(of, words, containerLabel(of))
  const scaled = words.map(word => ({ ...word, text: word.text?.split('=')[0] }))
  return onEach(of, scaled, containerLabel(of))
}

function named(args: readonly Word[]): readonly Word[] | undefined {
  const name = parseFlags(args, VALUES).value('name')
  return name ? [name] : undefined
}
