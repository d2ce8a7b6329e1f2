import type { Call, Word } from '../tool.ts'
import { kustomized } from './kustomization.ts'
import { fileIn, joined, type Manifests, manifestsIn, NOTHING_KNOWN, RESOURCES_MAX } from './resources.ts'

const MANIFEST = /\.(ya?ml|json)$/

/** The resources of the files, folders and kustomizations that `-f` and `-k` name. */
export function manifestsOf(call: Call, files: readonly Word[], folders: readonly Word[]): Manifests {
  return joined([
    ...files.flatMap(word =>
      word.text === undefined ? [NOTHING_KNOWN] : word.text.split(',').map(path => ofPath(call, path)),
    ),
    ...folders.map(word => (word.text === undefined ? NOTHING_KNOWN : kustomized(call, word.text))),
  ])
}

function ofPath(call: Call, path: string): Manifests {
  if (path === '-' || path === '/dev/stdin')
    return call.stdin === undefined ? NOTHING_KNOWN : manifestsIn(call.stdin, call)
  if (path.includes('://')) return NOTHING_KNOWN
  const text = call.read(path)
  if (text !== undefined) return manifestsIn(text, call)
  const names = call.list(path)?.filter(name => MANIFEST.test(name)) ?? []
  if (names.length === 0) return NOTHING_KNOWN
  return joined(
    names.slice(0, RESOURCES_MAX).map(name => fileIn(call, `${path.replace(/\/+$/, '')}/${name}`)),
  )
}
