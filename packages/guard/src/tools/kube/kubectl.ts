import { changesInside, type Flags, type FlagTable, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { type Cluster, clusterOf, kindOf, resourceLabel } from './cluster.ts'
import { CREATED, FLAGS, LOCAL, READING, RUN_FLAGS, TAKES_RESOURCES } from './kubectl-verbs.ts'
import { manifestsOf } from './manifests.ts'
import { found, isFalse, type Target, targetsIn, targetsOf, UNKNOWN } from './targets.ts'

/** For the command inside of `exec`, whose flags are its own. */
const STOPPING: FlagTable = { ...FLAGS, stopsAtWord: true }

const PLACE = {
  namespace: 'namespace',
  context: 'context',
  kubeconfig: 'kubeconfig',
  server: 'server',
  cluster: 'cluster',
}

/** kubectl, by the reference of its commands of version 1.34. */
export const kubectl: Tool = { names: ['kubectl'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb, ...words] = flags.words
  if (verb === undefined || flags.has('help', 'h')) return []
  if (verb.text === undefined) return [unknown(call, verb)]
  if (READING.has(verb.text)) return [{ ...unknown(call, verb), verb: verb.text, effect: 'reads' }]
  if (LOCAL.has(verb.text) || dries(flags)) return []
  if (verb.text === 'exec') return exec(call, verb, clusterOf(call, flags, PLACE))
  return changes(call, verb, words, verb.text === 'run' ? parseFlags(call.args, RUN_FLAGS) : flags)
}

const unknown = (call: Call, verb: Word): Found => ({
  label: undefined,
  verb: verb.text ?? 'unknown',
  effect: 'unknown',
  target: 'unknown',
  words: span(call.word, verb),
})

/** Whether `--dry-run`, `--local` or `--list` makes the command a reading one. */
function dries(flags: Flags): boolean {
  if (flags.has('dry-run') && !/^(none|false)$/.test(flags.value('dry-run')?.text ?? '')) return true
  return ['local', 'list'].some(name => flags.has(name) && !isFalse(flags, name))
}

/** `exec POD -- COMMAND` reads, unless the command changes something. The older form has no `--`. */
function exec(call: Call, verb: Word, cluster: Cluster): readonly Found[] {
  const after = call.args.slice(call.args.indexOf(verb) + 1)
  const { rest, words } = parseFlags(after, STOPPING)
  const older = () => {
    const inner = parseFlags(words.slice(1), STOPPING)
    return [...inner.words, ...(inner.rest ?? [])]
  }
  const command = rest ?? older()
  const reads: Found = { ...unknown(call, verb), verb: 'exec', effect: 'reads' }
  if (command.length === 0) return [reads]
  const inner = call.innerArgs(command, { isRemote: true, host: undefined })
  if (!changesInside(command)) return [reads, ...inner]
  const [pod] = words
  return [...found(call, 'exec', [ofPod(pod, cluster)], cluster, [verb]), ...inner]
}

function changes(call: Call, verb: Word, words: readonly Word[], flags: Flags): readonly Found[] {
  const cluster = clusterOf(call, flags, PLACE)
  const [sub] = words
  const name = verb.text as string
  const say = (told: string, targets: readonly Target[], at: readonly Word[] = [verb]) =>
    found(call, told, targets, cluster, at)
  const files = () => {
    const [named, folders] = [flags.values('filename'), flags.values('kustomize')]
    if (named.length + folders.length === 0) return undefined
    return targetsIn(manifestsOf(call, named, folders), cluster)
  }
  switch (name) {
    case 'cordon':
    case 'uncordon':
    case 'drain':
      return say(name, targetsOf(words, flags, cluster, 'node'))
    case 'apply':
      if (sub?.text === 'view-last-applied') return []
      if (sub?.text === 'edit-last-applied' || sub?.text === 'set-last-applied')
        return say(`apply ${sub.text}`, files() ?? targetsOf(words.slice(1), flags, cluster), [verb, sub])
      return say(name, files() ?? [UNKNOWN])
    case 'create':
      return say(name, files() ?? created(words, flags, cluster))
    case 'run':
      return say(name, [exactly(resourceLabel('pod', sub?.text, cluster), sub)])
    case 'expose':
      return say(name, files() ?? [exposed(words, flags, cluster)])
    case 'certificate':
      if (sub?.text !== 'approve' && sub?.text !== 'deny') return [unknown(call, verb)]
      return say(
        `certificate ${sub.text}`,
        targetsOf(words.slice(1), flags, cluster, 'certificatesigningrequest'),
        [verb, sub],
      )
    case 'auth':
      return sub?.text === 'reconcile' ? say('auth reconcile', files() ?? [UNKNOWN], [verb, sub]) : []
    case 'rollout':
    case 'set':
      return grouped(
        name,
        sub,
        say,
        () => files() ?? targetsOf(withoutSettings(words.slice(1)), flags, cluster),
        verb,
      )
    case 'cp':
      return copied(words.at(-1), cluster).flatMap(target => say(name, [target]))
    case 'debug':
      // Adds a container to a Pod, or starts one on a node.
      return say(name, [ofPod(sub, cluster)])
    default:
      if (!TAKES_RESOURCES.has(name)) return [unknown(call, verb)]
      return say(name, files() ?? targetsOf(SETS.has(name) ? withoutSettings(words) : words, flags, cluster))
  }
}

const SETS: ReadonlySet<string> = new Set(['label', 'annotate', 'taint'])

/** Without `key=value`, `key:Effect` and `key-`, which follow the names. */
function withoutSettings(words: readonly Word[]): readonly Word[] {
  return words.filter(word => !/[=:]|-$/.test(word.text ?? word.start ?? ''))
}

const exactly = (label: string | undefined, at: Word | undefined): Target => ({
  ...(label === undefined ? UNKNOWN : { label, target: 'exact' }),
  ...(at ? { at } : {}),
})

/** `rollout restart`, `set image`: the group is no verb by itself. */
function grouped(
  group: string,
  sub: Word | undefined,
  say: (told: string, targets: readonly Target[], at: readonly Word[]) => readonly Found[],
  targets: () => readonly Target[],
  verb: Word,
): readonly Found[] {
  const known =
    group === 'set'
      ? ['env', 'image', 'resources', 'selector', 'serviceaccount', 'sa', 'subject']
      : ['pause', 'restart', 'resume', 'undo']
  if (sub?.text === undefined || !known.includes(sub.text)) return []
  return say(`${group} ${sub.text}`, targets(), [verb, sub])
}

/** `create deployment web`, `create secret generic s`, `create service clusterip s`. */
function created(words: readonly Word[], flags: Flags, cluster: Cluster): readonly Target[] {
  const [type, ...more] = words
  if (flags.has('raw')) return [UNKNOWN]
  if (type?.text === undefined) return [UNKNOWN]
  if (type.text === 'token') return []
  const made = Object.hasOwn(CREATED, type.text) ? CREATED[type.text] : undefined
  if (made === undefined) return [UNKNOWN]
  const name = made.hasSubtype ? more[1] : more[0]
  return [exactly(resourceLabel(made.kind, name?.text, cluster), name)]
}

/** `expose deployment web --name=front` makes the service `front`. */
function exposed(words: readonly Word[], flags: Flags, cluster: Cluster): Target {
  const [first, second] = words
  const name = flags.has('name') ? flags.value('name') : undefined
  const source = first?.text?.includes('/') ? first.text.split('/')[1] : second?.text
  return exactly(resourceLabel('service', name ? name.text : source, cluster), second ?? first)
}

/** Only copying into a Pod changes something: the last word is `[namespace/]pod:path`. */
function copied(last: Word | undefined, cluster: Cluster): readonly Target[] {
  if (last === undefined) return []
  if (last.text === undefined) return (last.start ?? '').includes(':') ? [{ ...UNKNOWN, at: last }] : []
  const colon = last.text.indexOf(':')
  if (colon <= 0 || /^[./]/.test(last.text)) return []
  const [first = '', pod] = last.text.slice(0, colon).split('/')
  const place = pod === undefined ? cluster : { ...cluster, namespace: first }
  return [exactly(resourceLabel('pod', pod ?? first, place), last)]
}

/** A Pod's label; for `deploy/web` that of the workload. */
function ofPod(word: Word | undefined, cluster: Cluster): Target {
  const [type, name] = word?.text?.includes('/') ? word.text.split('/') : ['pod', word?.text]
  return exactly(resourceLabel(kindOf(type ?? ''), name, cluster), word)
}
