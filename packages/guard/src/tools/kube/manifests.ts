import type { Call, Word } from '../tool.ts'
import { kustomized, VISITS_MAX } from './kustomization.ts'
import { fileIn, joined, type Manifests, manifestsIn, NOTHING_KNOWN, RESOURCES_MAX } from './resources.ts'

/** Folders in folders are read this deep. */
const DEPTH_MAX = 6
const MANIFEST = /\.(ya?ml|json)$/

/** Reads with `-R`, and counts the folders that it opens. */
interface Reading {
  readonly isRecursive: boolean
  left: number
}

/** The resources of the files, folders and kustomizations that `-f` and `-k` name. */
export function manifestsOf(
  call: Call,
  files: readonly Word[],
  folders: readonly Word[],
  isRecursive = false,
): Manifests {
  const reading: Reading = { isRecursive, left: VISITS_MAX }
  return joined([
    ...files.flatMap(word =>
      word.text === undefined || word.text.split(',').length > RESOURCES_MAX
        ? [NOTHING_KNOWN]
        : word.text.split(',').map(path => ofPath(call, path, reading)),
    ),
    ...folders.map(word => (word.text === undefined ? NOTHING_KNOWN : kustomized(call, word.text))),
  ])
}

function ofPath(call: Call, path: string, reading: Reading): Manifests {
  if (path === '-' || path === '/dev/stdin')
    return call.stdin === undefined ? NOTHING_KNOWN : manifestsIn(call.stdin, call)
  if (path.includes('://')) return NOTHING_KNOWN
  const text = call.read(path)
  if (text !== undefined) return manifestsIn(text, call)
  const found = /[*?[]/.test(path) ? matching(call, path) : inFolder(call, path, reading, 0)
  return found ?? NOTHING_KNOWN
}

/** A quoted pattern, which kubectl expands itself: `-f 'k8s/*.yaml'`. */
function matching(call: Call, path: string): Manifests | undefined {
  const slash = path.lastIndexOf('/')
  const [folder, pattern] = [path.slice(0, slash + 1), path.slice(slash + 1)]
  const [head = '', tail, ...more] = pattern.split('*')
  if (tail === undefined || more.length > 0 || /[*?[]/.test(folder) || /[?[]/.test(pattern)) return undefined
  const names = call
    .list(folder || '.')
    ?.filter(name => name.startsWith(head) && name.endsWith(tail) && name.length >= head.length + tail.length)
  if (!names || names.length === 0) return undefined
  return joined(names.slice(0, RESOURCES_MAX).map(name => fileIn(call, folder + name)))
}

/** The manifests of a folder; with `-R` those of its folders too. Undefined if there are none. */
function inFolder(call: Call, path: string, reading: Reading, depth: number): Manifests | undefined {
  if (depth > DEPTH_MAX || reading.left-- <= 0 || call.budget.isOver()) return NOTHING_KNOWN
  const folder = path.replace(/\/+$/, '') || '/'
  const names = call.list(folder)
  if (!names) return undefined
  const files = names.filter(name => MANIFEST.test(name))
  const others = reading.isRecursive ? names.filter(name => !name.includes('.')) : []
  const parts = [
    ...files.slice(0, RESOURCES_MAX).map(name => fileIn(call, `${folder}/${name}`)),
    ...others.flatMap(name => inFolder(call, `${folder}/${name}`, reading, depth + 1) ?? []),
  ]
  return parts.length > 0 ? joined(parts) : undefined
}
