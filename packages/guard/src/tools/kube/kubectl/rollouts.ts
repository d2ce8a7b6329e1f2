import type { Call, Found, Word } from '../../tool.ts'
import type { Cluster } from '../cluster.ts'
import { resourceLabel } from '../kinds.ts'
import { found, plain, targetOf, UNKNOWN } from '../targets.ts'

const CHANGES: ReadonlySet<string> = new Set('abort pause promote restart retry set undo'.split(' '))
const READS: ReadonlySet<string> = new Set(
  'completion dashboard get help lint list notifications status version'.split(' '),
)

/** The plugin of Argo Rollouts: `argo rollouts promote web`. */
export function argoRollouts(
  call: Call,
  verb: Word,
  words: readonly Word[],
  cluster: Cluster,
): readonly Found[] {
  const [group, sub, ...more] = words
  if (group?.text !== 'rollouts' || sub?.text === undefined) return [plain(call, 'argo', 'unknown', verb)]
  if (READS.has(sub.text)) return [plain(call, `argo rollouts ${sub.text}`, 'reads', verb, sub)]
  if (!CHANGES.has(sub.text)) return [plain(call, `argo rollouts ${sub.text}`, 'unknown', verb, sub)]
  const isSet = sub.text === 'set'
  const told = isSet && more[0]?.text ? `set ${more[0].text}` : sub.text
  // `set image NAME container=image`, `retry rollout NAME`
  const names = isSet ? more.slice(1, 2) : sub.text === 'retry' ? more.slice(1) : more
  const targets = names.map(name => targetOf(resourceLabel('rollout', name.text, cluster), name))
  return found(call, `argo rollouts ${told}`, targets.length > 0 ? targets : [UNKNOWN], cluster, [verb, sub])
}
