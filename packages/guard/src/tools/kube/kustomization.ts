import { at, isMap, listAt, readYaml, textAt, type Yaml } from '../../yaml/index.ts'
import type { Call } from '../tool.ts'
import { isClusterWide } from './kinds.ts'
import { fileIn, isUnknown, joined, type Manifests, NOTHING_KNOWN, type Resource } from './resources.ts'

/** What it reads with. */
export type Files = Pick<Call, 'read' | 'budget'>

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
/** Bases of bases are followed this deep. */
const DEPTH_MAX = 5
/** Folders that one command opens: kustomizations can name each other in circles. */
export const VISITS_MAX = 60
/** Keys that add resources which the guard doesn't know, or rename what it knows. */
const UNKNOWN_KEYS = [
  'generators',
  'helmCharts',
  'helmChartInflationGenerator',
  'transformers',
  'replacements',
]

/** The resources that a folder's kustomization would build. Patches aren't followed. */
export function kustomized(call: Files, folder: string): Manifests {
  return built(call, folder, 0, { left: VISITS_MAX })
}

function built(call: Files, folder: string, depth: number, visits: { left: number }): Manifests {
  if (folder.includes('://') || depth >= DEPTH_MAX || visits.left-- <= 0 || call.budget.isOver())
    return NOTHING_KNOWN
  const base = folder.replace(/\/+$/, '') || '/'
  const text = NAMES.map(name => call.read(`${base}/${name}`)).find(each => each !== undefined)
  if (text === undefined) return NOTHING_KNOWN
  const [file] = readYaml(text, call.budget)
  const entries = ['resources', 'bases', 'components'].flatMap(key => listAt(file, key))
  const { resources, isWhole } = joined([
    ...entries.map(entry => {
      if (typeof entry !== 'string' || entry.includes('://') || entry.includes('?ref=')) return NOTHING_KNOWN
      const path = entry.startsWith('/') ? entry : `${base}/${entry}`
      return /\.(ya?ml|json)$/.test(entry) ? fileIn(call, path) : built(call, path, depth + 1, visits)
    }),
    { resources: generated(file), isWhole: true },
  ])
  const isPlain = UNKNOWN_KEYS.every(key => !isMap(file) || !Object.hasOwn(file, key))
  return { isWhole: isWhole && isPlain, resources: resources.map(each => renamed(each, file)) }
}

/** ConfigMaps and Secrets with a fixed name. A name with a hash is new each time, so nobody else can hold it. */
function generated(file: Yaml): readonly Resource[] {
  const isFixed = (options: Yaml) => textAt(options, 'disableNameSuffixHash') === 'true'
  const all = isFixed(at(file, 'generatorOptions'))
  return ['configMap', 'secret'].flatMap(kind =>
    listAt(file, `${kind}Generator`).flatMap(entry =>
      all || isFixed(at(entry, 'options'))
        ? [{ kind: kind.toLowerCase(), name: textAt(entry, 'name'), namespace: textAt(entry, 'namespace') }]
        : [],
    ),
  )
}

/** A resource with the kustomization's namespace, prefix and suffix. */
function renamed(resource: Resource, file: Yaml): Resource {
  const { kind, name } = resource
  const [prefix = '', suffix = ''] = [textAt(file, 'namePrefix'), textAt(file, 'nameSuffix')]
  const isNamed = name !== undefined && !isUnknown(file, 'namePrefix') && !isUnknown(file, 'nameSuffix')
  const isMoved = !isClusterWide(kind)
  const isKnown = isNamed && !(isMoved && isUnknown(file, 'namespace'))
  return {
    kind,
    name: kind === 'namespace' ? name : isKnown ? `${prefix}${name}${suffix}` : undefined,
    namespace: isMoved ? (textAt(file, 'namespace') ?? resource.namespace) : resource.namespace,
  }
}

/**
 * What `kustomize build` would print of a folder, as far as the guard looks at manifests. Undefined if a part of it
 * isn't known.
 */
export function builtText(files: Files, folder: string): string | undefined {
  const { resources, isWhole } = kustomized(files, folder)
  if (!isWhole) return undefined
  return resources.map(manifestText).join('\n---\n')
}

/** A manifest of a resource, as far as the guard looks at it. */
export function manifestText({ kind, name, namespace }: Resource): string {
  const [short = '', ...group] = kind.split('.')
  const apiVersion = group.length > 0 ? `${group.join('.')}/v1` : 'v1'
  return JSON.stringify({ apiVersion, kind: short, metadata: { name, namespace } })
}
