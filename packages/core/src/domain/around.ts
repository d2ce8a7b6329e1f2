import { ancestorsOf } from './ancestors.ts'
import { labelFrom, partsOf } from './label-parts.ts'

/** A range of labels: from `first` up to, but not including, `past`. */
interface LabelRange {
  readonly first: string
  readonly past: string
}

/** The longer labels of a kind that end with a name, as `service:shop/mail` with `mail`. */
interface Longer {
  readonly kind: string
  /** Contained in each of them. The scope comes after it. */
  readonly part: string
}

/**
 * What to search a board for, to find every claim whose label overlaps with some labels or may be the same. It also
 * finds other labels: `relation` decides.
 */
export interface Around {
  readonly exact: readonly string[]
  readonly ranges: readonly LabelRange[]
  /** No index helps to find these, and they only may be the same, so the latest claims are enough. */
  readonly longer: readonly Longer[]
  /** The ends of labels. No index helps to find these, so only labels of clusters and hosts ask for them. */
  readonly endings: readonly string[]
}

/** Kinds whose names may begin with what they are in, such as a namespace. */
const LONGER: ReadonlySet<string> = new Set(['service', 'stack', 'db'])

/** What to search for around these labels. */
export function around(labels: readonly string[]): Around {
  const each = labels.map(aroundOne)
  const known = new Set(labels)
  return {
    exact: [...new Set(each.flatMap(({ exact }) => exact))].filter(label => !known.has(label)),
    ranges: each.flatMap(({ ranges }) => ranges),
    longer: each.flatMap(({ longer }) => longer),
    endings: [...new Set(each.flatMap(({ endings }) => endings))],
  }
}

function aroundOne(label: string): Around {
  const { kind, name, scope } = partsOf(label)
  const last = name.slice(name.lastIndexOf('/') + 1)
  const names = [...new Set([name, last, name.toLowerCase()])].filter(each => each !== '')
  const spelled = names.map(each => ({ kind, name: each, scope }))
  return {
    exact: [
      ...ancestorsOf(label).map(each => each.label),
      ...spelled.map(labelFrom),
      ...spelled.map(parts => labelFrom({ ...parts, scope: undefined })),
    ],
    ranges: [
      // Parts of a namespace.
      ...(kind === 'namespace'
        ? ['service', 'pvc'].map(of => beginning(labelFrom({ kind: of, name: `${name}/`, scope: undefined })))
        : []),
      // The same name in any scope.
      ...(scope === undefined
        ? names.map(each => beginning(`${labelFrom({ kind, name: each, scope })}@`))
        : []),
    ],
    longer: LONGER.has(kind) && !name.includes('/') && name !== '' ? [{ kind, part: `/${name}` }] : [],
    endings: kind === 'cluster' || kind === 'host' ? [`@${name}`] : [],
  }
}

/** All labels that begin with a text whose last character is below U+FFFF. */
function beginning(first: string): LabelRange {
  const last = first.codePointAt(first.length - 1) ?? 0
  return { first, past: `${first.slice(0, -1)}${String.fromCodePoint(last + 1)}` }
}
