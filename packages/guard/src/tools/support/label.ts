import { UNKNOWN_MARK } from '../../unknown.ts'

/** `mysql://user:password@host`, `user:password@host`, and what is left of them. */
const SECRETIVE = /:\/\/|:[^/@]*@|@[^@]*[/@]/

/** Longer labels aren't made: the target counts as unknown. */
const MAX_LABEL = 255

/** A scope as labels may carry it, or undefined if the text can't be one. */
function scopeOf(text: string | undefined): string | undefined {
  const scope = text
    ?.toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 63)
  return scope || undefined
}

/**
 * The label of a thing, or undefined if its name can't be part of one (empty, with blanks, stars or control characters,
 * too long), or if it looks like an address with a password in it. An `@` in the name becomes `%40`, because what follows the last `@` is the scope. `infra` has no scope.
 * @example labelOf('service', 'shop/web', 'prod') // 'service:shop/web@prod'
 */
export function labelOf(kind: string, name: string | undefined, scope?: string): string | undefined {
  if (!name || /[\s*?\p{Cc}\p{Cf}]/u.test(name) || name.includes(UNKNOWN_MARK)) return undefined
  if (SECRETIVE.test(name)) return undefined
  const fitting = kind === 'infra' ? undefined : scopeOf(scope)
  const escaped = kind === 'infra' ? name : name.replaceAll('@', '%40')
  const label = fitting ? `${kind}:${escaped}@${fitting}` : `${kind}:${escaped}`
  return label.length <= MAX_LABEL ? label : undefined
}

/** The label of something in a namespace: `service:shop/web@prod`. */
export function namespaced(
  kind: string,
  namespace: string | undefined,
  name: string | undefined,
  scope?: string,
) {
  return namespace && name ? labelOf(kind, `${namespace}/${name}`, scope) : undefined
}

/** The label of a machine. */
export function hostLabel(host: string | undefined): string | undefined {
  return labelOf('host', host?.toLowerCase())
}
