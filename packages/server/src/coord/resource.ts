import { parseLabel } from '@presence/core'
import { PROJECT_SHAPE } from '@presence/core/internal'

/** A locked resource, in seed 003's terms. */
export interface Resource {
  /** Undefined for a label that belongs to no project. */
  readonly project: string | undefined
  readonly resource: string
}

/** The label of a lock's resource, or the reason why it can't have a label. */
export type Labelled =
  | { readonly ok: true; readonly label: string }
  | { readonly ok: false; readonly message: string; readonly remedy: string }

/**
 * The label of a resource. A resource that is already a label stays the same. Any other becomes
 * `infra:<project>/<resource>`, with characters that a label can't contain percent-encoded as in a URL.
 * Different resources get different labels, so the resource can be read back.
 */
export function labelOf(project: string, resource: string, kinds: readonly string[]): Labelled {
  const own = parseLabel(resource, kinds)
  if (own.ok) return { ok: true, label: own.value.text }
  const parsed = parseLabel(`infra:${project}/${escaped(project, resource)}`, kinds)
  if (parsed.ok) return { ok: true, label: parsed.value.text }
  const { message } = parsed.refusal
  return { ok: false, message, remedy: 'name it by a shorter path, or by a label such as service:web' }
}

/** The resource of a label: the reverse of `labelOf` for labels that it makes, else the label's own text. */
export function resourceOf(label: string, kinds: readonly string[]): Resource {
  const [, project = '', path = ''] = /^infra:([^/]+)\/(.+)$/su.exec(label) ?? []
  const resource = PROJECT_SHAPE.test(project) ? unescaped(path) : undefined
  if (resource === undefined) return { project: undefined, resource: label }
  const made = labelOf(project, resource, kinds)
  return made.ok && made.label === label ? { project, resource } : { project: undefined, resource: label }
}

/** Encodes `%`, invisible characters, those that change direction or break a line, and a trailing blank. */
function escaped(project: string, resource: string): string {
  const text = [...resource]
    .map((char, at, all) => (char === '%' || isUnfit(char, at === all.length - 1) ? encoded(char) : char))
    .join('')
  const label = `infra:${project}/${text}`
  // Labels are normalized, but two Unicode forms of one text are two resources. So only the composed form
  // (NFC) is kept, and any other form is encoded.
  const holds = label === label.normalize('NFC') && parseLabel(label, ['infra']).ok
  return holds ? text : text.replace(/[^\x20-\x7e]/gu, encoded)
}

function isUnfit(char: string, isLast: boolean): boolean {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(char) || (isLast && char.trim() === '')
}

function encoded(char: string): string {
  return [...new TextEncoder().encode(char)]
    .map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
