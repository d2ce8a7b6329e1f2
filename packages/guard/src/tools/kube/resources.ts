import { at, isMap, listAt, readYaml, textAt, type Yaml } from '../../yaml/index.ts'
import type { Call } from '../tool.ts'
import { kindOf } from './kinds.ts'

/** A resource that a manifest names. */
export interface Resource {
  readonly kind: string
  /** Undefined: made up by the server, or not known. */
  readonly name: string | undefined
  /** The namespace that the manifest itself names. */
  readonly namespace: string | undefined
}

/** What manifests say. `isWhole` is false if a part of them isn't known. */
export interface Manifests {
  readonly resources: readonly Resource[]
  readonly isWhole: boolean
}

/** More resources count as unknown. */
export const RESOURCES_MAX = 100
export const NOTHING_KNOWN: Manifests = { resources: [], isWhole: false }

export function joined(parts: readonly Manifests[]): Manifests {
  const resources = parts.flatMap(part => part.resources)
  return {
    resources: resources.slice(0, RESOURCES_MAX),
    isWhole: parts.every(part => part.isWhole) && resources.length <= RESOURCES_MAX,
  }
}

/** The resources in a text of YAML or JSON documents. */
export function manifestsIn(text: string, call: Pick<Call, 'budget'>): Manifests {
  const documents = readYaml(text, call.budget)
  return joined(documents.map(document => ofDocument(document)))
}

function ofDocument(document: Yaml): Manifests {
  const kind = textAt(document, 'kind')
  if (kind === undefined) return NOTHING_KNOWN
  const items = listAt(document, 'items')
  if (items.length > 0 || /List$/.test(kind)) return joined(items.map(ofDocument))
  const [group, version] = textAt(document, 'apiVersion')?.split('/') ?? []
  const resource = {
    kind: kindOf(version === undefined ? kind : `${kind}.${group}`),
    // A namespace that isn't known would count as not given.
    name: isUnknown(at(document, 'metadata'), 'namespace') ? undefined : textAt(document, 'metadata', 'name'),
    namespace: textAt(document, 'metadata', 'namespace'),
  }
  return { resources: [resource], isWhole: resource.name !== undefined }
}

/** Whether a map has a key whose value isn't known. */
export function isUnknown(map: Yaml, key: string): boolean {
  return isMap(map) && Object.hasOwn(map, key) && map[key] === undefined
}

/** The resources in a file. */
export function fileIn(call: Pick<Call, 'read' | 'budget'>, path: string): Manifests {
  const text = call.read(path)
  return text === undefined ? NOTHING_KNOWN : manifestsIn(text, call)
}
