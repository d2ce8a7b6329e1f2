import { type Flags, parseFlags } from '../../support/index.ts'
import type { Call, Found, Tool, Word } from '../../tool.ts'
import { type Cluster, clusterOf } from '../cluster.ts'
import { withHiddenFlags } from '../hidden-flags.ts'
import { resourceLabel } from '../kinds.ts'
import { manifestsOf } from '../manifests.ts'
import {
  dryness,
  found,
  isOn,
  type Naming,
  plain,
  type Target,
  targetOf,
  targetsIn,
  targetsOf,
  UNKNOWN,
  unsure,
  wholesale,
} from '../targets.ts'
import { created, exposed, ran } from './create.ts'
import { FLAGS, LABEL_FLAGS, PLACE } from './flags.ts'
import { copied, exec, ofPod } from './pods.ts'
import { argoRollouts } from './rollouts.ts'
import { beforeSettings } from './settings.ts'
import { GROUPS, isVerb, LOCAL, READING, TAKES_RESOURCES, TAKES_SETTINGS } from './verbs.ts'

/** kubectl, by the reference of its commands of version 1.34. */
export const kubectl: Tool = { names: ['kubectl', 'kubecolor'], effects }

function effects(call: Call): readonly Found[] {
  const args = withHiddenFlags(call.args, FLAGS, { isVerb, context: '--context' })
  const flags = parseFlags(args, FLAGS)
  const [first, ...others] = flags.words
  // The verbs of `alpha` are those that will stand without it.
  const [verb, words] = first?.text === 'alpha' ? [others[0], others.slice(1)] : [first, others]
  if (verb === undefined) return []
  if (verb.text === undefined) return [plain(call, 'unknown', 'unknown', verb)]
  if (LOCAL.has(verb.text) || flags.has('help', 'h')) return []
  if (verb.text === 'exec') return exec(call, verb, words, flags)
  if (READING.has(verb.text)) return [plain(call, verb.text, 'reads', verb)]
  // With these the command prints what it would do, or what is there.
  if (['local', 'list'].some(name => isOn(flags, name))) return []
  const dry = dryness(flags)
  if (dry === 'reads') return []
  const labels = verb.text === 'run' || verb.text === 'expose'
  const all = changes(new Verb(call, verb, words, labels ? parseFlags(args, LABEL_FLAGS) : flags))
  return dry === 'unknown' ? unsure(all) : all
}

/** A verb that may change something, with its words and flags. */
class Verb {
  readonly call: Call
  readonly verb: Word
  readonly words: readonly Word[]
  readonly flags: Flags
  readonly name: string
  readonly cluster: Cluster

  constructor(call: Call, verb: Word, words: readonly Word[], flags: Flags) {
    this.call = call
    this.verb = verb
    this.words = words
    this.flags = flags
    this.name = verb.text ?? 'unknown'
    this.cluster = clusterOf(call, flags, PLACE)
  }

  /** One effect for each target. The verb of a group is its second word. */
  say(targets: readonly Target[], sub?: Word): readonly Found[] {
    const told =
      sub?.text === undefined ? this.name : `${this.name} ${sub.text === 'sa' ? 'serviceaccount' : sub.text}`
    return found(this.call, told, targets, this.cluster, [this.verb, sub])
  }

  unknown(sub?: Word): readonly Found[] {
    const told = sub?.text === undefined ? this.name : `${this.name} ${sub.text}`
    return [plain(this.call, told, 'unknown', this.verb, sub)]
  }

  /** The targets that `-f` and `-k` name, or undefined without these flags. */
  files(): readonly Target[] | undefined {
    const [named, folders] = [this.flags.values('filename'), this.flags.values('kustomize')]
    if (named.length + folders.length === 0) return undefined
    const manifests = manifestsOf(this.call, named, folders, isOn(this.flags, 'recursive'))
    return targetsIn(manifests, this.cluster)
  }

  /** The targets of files, or else of words. */
  targets(words = this.words, naming: Naming = {}): readonly Target[] {
    if (this.flags.has('raw')) return [UNKNOWN]
    return this.files() ?? targetsOf(words, this.flags, this.cluster, naming)
  }
}

function changes(of: Verb): readonly Found[] {
  const { name, words, flags, cluster, call } = of
  const [sub] = words
  switch (name) {
    case 'cordon':
    case 'uncordon':
    case 'drain':
      return of.say(targetsOf(words, flags, cluster, { only: 'node' }))
    case 'apply':
      return applied(of, sub)
    case 'create':
      if (flags.has('raw')) return of.say([UNKNOWN])
      return of.say(of.files() ?? created(words, cluster))
    case 'run':
      return of.say(ran(sub, isOn(flags, 'expose'), cluster))
    case 'expose':
      return of.say(of.files() ?? [exposed(words, flags, cluster)])
    case 'rollout':
    case 'set':
    case 'certificate':
    case 'auth':
      return grouped(of, sub)
    case 'cp':
      return of.say(copied(words, cluster))
    case 'debug':
      return of.say([debugged(of, sub)])
    case 'argo':
      return argoRollouts(call, of.verb, words, cluster)
    default:
      if (!TAKES_RESOURCES.has(name)) return of.unknown()
      return of.say(
        of.targets(TAKES_SETTINGS.has(name) ? beforeSettings(words, name === 'taint') : words, {
          isAllIfUnnamed: name === 'edit',
        }),
      )
  }
}

/** `apply` itself, and the verbs that stand after it. With `--prune` it deletes what the files no longer name. */
function applied(of: Verb, sub: Word | undefined): readonly Found[] {
  if (sub?.text === 'view-last-applied') return []
  if (sub?.text === 'edit-last-applied' || sub?.text === 'set-last-applied')
    return of.say(of.targets(of.words.slice(1)), sub)
  const pruned = isOn(of.flags, 'all') ? wholesale(undefined, of.cluster, false) : [UNKNOWN]
  return of.say([...(of.files() ?? [UNKNOWN]), ...(isOn(of.flags, 'prune') ? pruned : [])])
}

/** `rollout restart`, `set image`: the group is no verb by itself. */
function grouped(of: Verb, sub: Word | undefined): readonly Found[] {
  const group = GROUPS[of.name]
  if (sub === undefined) return of.name === 'certificate' ? of.unknown() : []
  if (sub.text !== undefined && group?.reads.has(sub.text)) return []
  if (sub.text === undefined || !group?.changes.has(sub.text)) return of.unknown(sub)
  return of.say(of.targets(...namesOf(of, sub.text)), sub)
}

function namesOf(of: Verb, sub: string): [words: readonly Word[], naming: Naming] {
  const names = of.words.slice(1)
  if (of.name === 'certificate') return [names, { only: 'certificatesigningrequest' }]
  // Its last word is the account.
  if (sub === 'serviceaccount' || sub === 'sa') return [names.slice(0, -1), {}]
  if (of.name === 'set') return [beforeSettings(names, false), {}]
  return [names, { isAllIfUnnamed: of.name === 'rollout' }]
}

/** Adds a container to a Pod, copies it, or starts a Pod on a node. */
function debugged({ flags, cluster }: Verb, word: Word | undefined): Target {
  const copy = flags.value('copy-to')
  return copy ? targetOf(resourceLabel('pod', copy.text, cluster), copy) : ofPod(word, cluster)
}
