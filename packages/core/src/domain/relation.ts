import { ancestorsOf } from './ancestors.ts'
import { partsOf } from './label-parts.ts'

/**
 * How two labels relate:
 * - `same`: they are one label.
 * - `overlaps`: one is part of the other. The path leads from the part to the whole, both included.
 * - `maybeSame`: they could name one thing, but nothing proves it.
 * - `none`: nothing suggests that they touch the same thing.
 */
export type Relation =
  | { readonly is: 'same' | 'maybeSame' | 'none' }
  | { readonly is: 'overlaps'; readonly path: readonly string[] }

/**
 * Says how two labels relate. Two parts of one whole don't overlap. Symmetric, also in the path.
 */
export function relation(a: string, b: string): Relation {
  if (a === b) return { is: 'same' }
  const path = pathTo(a, b) ?? pathTo(b, a)
  if (path) return { is: 'overlaps', path }
  return { is: mayBeSame(a, b) ? 'maybeSame' : 'none' }
}

function pathTo(part: string, whole: string): readonly string[] | undefined {
  return ancestorsOf(part).find(({ label }) => label === whole)?.path
}

/**
 * Whether two different labels of one kind could name one thing: they differ in case, one of them has no scope, or the
 * name of one is the end of the other's, as `service:mail` and `service:shop/mail`.
 */
function mayBeSame(a: string, b: string): boolean {
  const [one, other] = [partsOf(a), partsOf(b)]
  if (one.kind !== other.kind || one.name === '' || other.name === '') return false
  if (one.scope !== undefined && other.scope !== undefined && one.scope !== other.scope) return false
  const [short, long] = [one.name.toLowerCase(), other.name.toLowerCase()].sort(
    (first, second) => first.length - second.length,
  ) as [string, string]
  return short === long || long.endsWith(`/${short}`)
}
