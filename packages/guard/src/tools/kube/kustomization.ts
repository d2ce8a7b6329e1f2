import { listAt, readYaml, textAt } from '../../yaml/index.ts'
import type { Call } from '../tool.ts'
import { isClusterWide } from './cluster.ts'
import { fileIn, joined, type Manifests } from './resources.ts'

/** What it reads with. */
export type Files = Pick<Call, 'read' | 'budget'>

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
/** Bases of bases are followed this deep. */
const DEPTH_MAX = 5
const UNKNOWN: Manifests = { resources: [], isWhole: false }

/** The resources that a folder's kustomization would build, without its generators and patches. */
export function kustomized(call: Files, folder: string, depth = 0): Manifests {
  if (folder.includes('://') || depth >= DEPTH_MAX || call.budget.isOver()) return UNKNOWN
  const base = folder.replace(/\/+$/, '') || '/'
  const text = NAMES.map(name => call.read(`${base}/${name}`)).find(each => each !== undefined)
  if (text === undefined) return UNKNOWN
  const [file] = readYaml(text, call.budget)
  const entries = ['resources', 'bases', 'components'].flatMap(key => listAt(file, key))
  const built = joined(
    entries.map(entry => {
      if (typeof entry !== 'string' || entry.includes('://') || entry.includes('?ref=')) return UNKNOWN
      const path = entry.startsWith('/') ? entry : `${base}/${entry}`
      return /\.(ya?ml|json)$/.test(entry) ? fileIn(call, path) : kustomized(call, path, depth + 1)
    }),
  )
  const [namespace, prefix = '', suffix = ''] = ['namespace', 'namePrefix', 'nameSuffix'].map(key =>
    textAt(file, key),
  )
  return {
    isWhole: built.isWhole,
    resources: built.resources.map(each => ({
      ...each,
      name:
        each.name === undefined || each.kind === 'namespace' ? each.name : `${prefix}${each.name}${suffix}`,
      namespace: isClusterWide(each.kind) ? each.namespace : (namespace ?? each.namespace),
    })),
  }
}

/**
 * What `kustomize build` would print of a folder, as far as the guard looks at manifests. Undefined if a part of it
 * isn't known.
 */
export function builtText(files: Files, folder: string): string | undefined {
  const { resources, isWhole } = kustomized(files, folder)
  if (!isWhole) return undefined
  const documents = resources.map(({ kind, name, namespace }) =>
    JSON.stringify({ kind, metadata: { name, namespace } }),
  )
  return documents.join('\n---\n')
}
