/** A label's text in parts. Any text on a board has them, also one that `parseLabel` refuses. */
export interface LabelParts {
  /** The part before the first colon; empty if there is none. */
  readonly kind: string
  /** The name without the scope, with each `%40` as the `@` that it stands for. */
  readonly name: string
  /** The cluster or host that the label is in; undefined if the text names none. */
  readonly scope: string | undefined
}

const SCOPE_SHAPE = /^[a-z0-9][a-z0-9.-]{0,62}$/
/** The kind for anything else. Its names may contain an `@` that means something else. */
const UNSCOPED = 'infra'

/**
 * Splits a label into kind, name and scope. The scope is what follows the last `@`, if it is 1 to 63 lower-case letters,
 * digits, dots and dashes and begins with a letter or a digit. Labels of the kind `infra` have no scope.
 */
export function partsOf(text: string): LabelParts {
  const colon = text.indexOf(':')
  const kind = text.slice(0, Math.max(colon, 0))
  const rest = text.slice(colon + 1)
  const at = kind === UNSCOPED ? -1 : rest.lastIndexOf('@')
  const scope = at > 0 && SCOPE_SHAPE.test(rest.slice(at + 1)) ? rest.slice(at + 1) : undefined
  const name = scope === undefined ? rest : rest.slice(0, at)
  return { kind, name: name.replaceAll('%40', '@'), scope }
}

/** Makes a label's text of its parts. An `@` in the name is written as `%40`, so that it begins no scope. */
export function labelFrom({ kind, name, scope }: LabelParts): string {
  const escaped = kind === UNSCOPED ? name : name.replaceAll('@', '%40')
  return `${kind}:${escaped}${scope === undefined || kind === UNSCOPED ? '' : `@${scope}`}`
}
