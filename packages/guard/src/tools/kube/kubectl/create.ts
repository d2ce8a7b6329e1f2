import type { Flags } from '../../support/index.ts'
import type { Word } from '../../tool.ts'
import type { Cluster } from '../cluster.ts'
import { resourceLabel } from '../kinds.ts'
import { type Target, targetOf, UNKNOWN } from '../targets.ts'

/** The kinds that `kubectl create` makes, by the word after it. */
const KINDS: Readonly<Record<string, string>> = {
  clusterrole: 'clusterrole',
  clusterrolebinding: 'clusterrolebinding',
  cm: 'configmap',
  configmap: 'configmap',
  cronjob: 'cronjob',
  cj: 'cronjob',
  dep: 'deployment',
  deploy: 'deployment',
  deployment: 'deployment',
  ing: 'ingress',
  ingress: 'ingress',
  job: 'job',
  namespace: 'namespace',
  ns: 'namespace',
  pc: 'priorityclass',
  pdb: 'poddisruptionbudget',
  poddisruptionbudget: 'poddisruptionbudget',
  priorityclass: 'priorityclass',
  quota: 'resourcequota',
  resourcequota: 'resourcequota',
  role: 'role',
  rolebinding: 'rolebinding',
  sa: 'serviceaccount',
  secret: 'secret',
  service: 'service',
  serviceaccount: 'serviceaccount',
  svc: 'service',
}
/** A subtype stands before the name: `create secret generic NAME`. */
const HAS_SUBTYPE: ReadonlySet<string> = new Set(['secret', 'service'])

/** The kind and the name that `create TYPE [SUBTYPE] NAME` makes. Undefined if the type isn't known. */
export function createdBy(
  words: readonly Word[],
): { readonly kind: string; readonly name: Word | undefined } | undefined {
  const [type, ...more] = words
  const kind = type?.text !== undefined && Object.hasOwn(KINDS, type.text) ? KINDS[type.text] : undefined
  return kind === undefined ? undefined : { kind, name: HAS_SUBTYPE.has(kind) ? more[1] : more[0] }
}

/** `create deployment web`. `create token` changes nothing that others share. */
export function created(words: readonly Word[], cluster: Cluster): readonly Target[] {
  if (words[0]?.text === 'token') return []
  const made = createdBy(words)
  if (made === undefined) return [UNKNOWN]
  return [targetOf(resourceLabel(made.kind, made.name?.text, cluster), made.name)]
}

/** `expose deployment web --name=front` makes the service `front`. */
export function exposed(words: readonly Word[], flags: Flags, cluster: Cluster): Target {
  const [first, second] = words
  const name = flags.value('name')
  const source = first?.text?.includes('/') ? first.text.split('/')[1] : second?.text
  return targetOf(resourceLabel('service', name ? name.text : source, cluster), second ?? first)
}

/** `run web` makes a Pod, and with `--expose` a service. */
export function ran(name: Word | undefined, isExposed: boolean, cluster: Cluster): readonly Target[] {
  const kinds = isExposed ? ['pod', 'service'] : ['pod']
  return kinds.map(kind => targetOf(resourceLabel(kind, name?.text, cluster), name))
}
