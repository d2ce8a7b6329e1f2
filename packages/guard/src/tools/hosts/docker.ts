import { changesInside, type Flags, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { compose } from './compose.ts'
import { inside, programOf, targetOf } from './container.ts'
import { CONTAINER, GROUPS, RUN_VALUES, SILENT, tableOf } from './docker-verbs.ts'
import { changed, containerLabel, GLOBAL, onEach, onHost, stopping, type Verb } from './engine.ts'
import { engineOf } from './engine-host.ts'
import { ofGroup } from './groups.ts'
import { isPushed } from './pushes.ts'

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
  const flags = parseFlags(args, tableOf('container', verb))
  switch (verb) {
    case 'run':
    case 'create':
      return created(of, args)
    case 'exec':
      return executed(of, args)
    case 'cp':
      return copied(of, flags.words)
    case 'rename':
      return onEach(of, flags.words.slice(0, 1), containerLabel(of))
    case 'clone':
      return cloned(of, flags)
    case 'prune':
      return of.at.length > 1 ? [onHost(of)] : []
    case 'push':
      return [changed(of, undefined)]
    case 'build':
      return isPushed('image', verb, args) ? [changed(of, undefined)] : []
    case 'auto-update':
      return flags.has('dry-run') ? [] : [changed(of, undefined)]
    case 'init':
      // Docker's own `init` writes files of a project.
      return flags.names.length + flags.words.length === 0 ? [] : onContainers(of, flags)
    case 'unshare':
      return of.call.innerArgs(stopping(args, []).words)
    default:
      if (CONTAINER.has(verb)) return onContainers(of, flags)
      return of.at.length > 1 || SILENT.has(verb) ? [] : [{ ...changed(of, undefined), effect: 'unknown' }]
  }
}

function onContainers(of: Verb, flags: Flags): readonly Found[] {
  return flags.has('all') ? [onHost(of)] : onEach(of, flags.words, containerLabel(of))
}

/** `container clone web copy`: with `--destroy` the original is removed. */
function cloned(of: Verb, flags: Flags): readonly Found[] {
  const [original, copy] = flags.words
  const name = flags.value('name') ?? copy
  const gone = original && flags.has('destroy') ? [original] : []
  return onEach(of, name ? [...gone, name] : gone, containerLabel(of))
}

/** A container without a name is new, so nobody else can hold it. */
function created(of: Verb, args: readonly Word[]): readonly Found[] {
  const flags = stopping(args, RUN_VALUES)
  const name = flags.value('name')
  const [image, ...command] = flags.words
  if (image === undefined) return []
  const made = name ? onEach(of, [name], containerLabel(of)) : [changed(of, undefined)]
  return [...made, ...inside(of.call, flags, command, programOf(image, flags.value('entrypoint')))]
}

/** `exec CONTAINER COMMAND` reads, unless the command changes something. */
function executed(of: Verb, args: readonly Word[]): readonly Found[] {
  const flags = stopping(args, RUN_VALUES)
  const [container, ...command] = flags.words
  if (container === undefined || command.length === 0) return []
  const inner = inside(of.call, flags, command)
  return changesInside(command) ? [...onEach(of, [container], containerLabel(of)), ...inner] : inner
}

/** Only copying into a container changes something: `cp FILE CONTAINER:PATH`. */
function copied(of: Verb, words: readonly Word[]): readonly Found[] {
  const name = targetOf(words)
  return name ? onEach(of, [name], containerLabel(of)) : []
}
