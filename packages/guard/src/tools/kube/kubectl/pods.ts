import { changesInside, type Flags } from '../../support/index.ts'
import type { Call, Found, Word } from '../../tool.ts'
import { type Cluster, clusterOf } from '../cluster.ts'
import { kindOf, resourceLabel } from '../kinds.ts'
import { found, plain, type Target, targetOf, UNKNOWN } from '../targets.ts'
import { PLACE } from './flags.ts'

/** A Pod's label; for `deploy/web` that of the workload. */
export function ofPod(word: Word | undefined, cluster: Cluster): Target {
  const [type, name] = word?.text?.includes('/') ? word.text.split('/') : ['pod', word?.text]
  return targetOf(resourceLabel(kindOf(type ?? ''), name, cluster), word)
}

/** `exec POD -- COMMAND` reads, unless the command changes something. The older form has no `--`. */
export function exec(call: Call, verb: Word, words: readonly Word[], flags: Flags): readonly Found[] {
  const [pod, ...older] = words
  const command = flags.rest ?? older
  const reads = plain(call, 'exec', 'reads', verb)
  if (command.length === 0) return [reads]
  const inner = call.innerArgs(command, { isRemote: true, host: undefined })
  if (!changesInside(command)) return [reads, ...inner]
  const cluster = clusterOf(call, flags, PLACE)
  const target = flags.has('filename') ? UNKNOWN : ofPod(pod, cluster)
  return [...found(call, 'exec', [target], cluster, [verb]), ...inner]
}

/** Only copying into a Pod changes something: the last word is `[namespace/]pod:path`. */
export function copied(words: readonly Word[], cluster: Cluster): readonly Target[] {
  const last = words.at(-1)
  if (last === undefined || words.length < 2) return []
  if (last.text === undefined)
    return (last.template ?? last.raw).includes(':') ? [{ ...UNKNOWN, at: last }] : []
  const colon = last.text.indexOf(':')
  if (colon <= 0 || /^[./]/.test(last.text)) return []
  const [first = '', pod] = last.text.slice(0, colon).split('/')
  const place = pod === undefined ? cluster : { ...cluster, namespace: first }
  return [targetOf(resourceLabel('pod', pod ?? first, place), last)]
}
