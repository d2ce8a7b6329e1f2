import { findNodeAtLocation, getNodeValue, type JSONPath, type Node, parseTree } from 'jsonc-parser'

/*
 * Edits of JSON as text. jsonc-parser finds the places. Its own `modify` is not used: it changes the white
 * space around an edit, and leaves broken text when it removes the last element from a list on one line
 * (3.3.1).
 */

export function valueAt(text: string, path: JSONPath): unknown {
  const node = nodeAt(text, path)
  return node && getNodeValue(node)
}

/**
 * The text with one more member at the end of the object or list at `path`. A member of an object has a
 * `key`.
 */
export function insertInto(text: string, path: JSONPath, value: unknown, key?: string): string {
  const container = nodeAt(text, path)
  if (!container) throw new TypeError(`there is nothing at ${path.join('.')}`)
  const unit = /\n([ \t]+)["{[]/.exec(text)?.[1] ?? '  '
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const indent = unit.repeat(depthOf(container) + 1)
  const json = JSON.stringify(value, undefined, unit).replaceAll('\n', eol + indent)
  const member = indent + (key === undefined ? '' : `${JSON.stringify(key)}: `) + json
  const last = container.children?.at(-1)
  const close = container.offset + container.length - 1
  // A container on one line stays on one line, so removing the new member restores the text exactly.
  if (last && !text.slice(container.offset, close).includes('\n') && !/,\s*$/.test(text.slice(0, close))) {
    const inLine = (key === undefined ? '' : `${JSON.stringify(key)}: `) + JSON.stringify(value)
    const at = last.offset + last.length
    return `${text.slice(0, at)}, ${inLine}${text.slice(at)}`
  }
  if (!last) {
    const open = container.offset + 1
    // Keeps the comments of a container that has no members.
    const inside = text.slice(open, close).trimEnd()
    return `${text.slice(0, open)}${inside}${eol}${member}${eol}${unit.repeat(depthOf(container))}${text.slice(close)}`
  }
  const end = last.offset + last.length
  const after = text.slice(end, close)
  if (/^\s*,/.test(after)) {
    const comma = end + after.indexOf(',') + 1
    return `${text.slice(0, comma)}${eol}${member}${text.slice(comma)}`
  }
  const tail = after === '' ? eol + unit.repeat(depthOf(container)) : ''
  return `${text.slice(0, end)},${eol}${member}${tail}${text.slice(end)}`
}

/**
 * The text without the value at `path` and the comma and white space that belong to it. Nothing else changes.
 */
export function without(text: string, path: JSONPath): string {
  const found = nodeAt(text, path)
  if (!found) return text
  const node = found.parent?.type === 'property' ? found.parent : found
  const [start, end] = [node.offset, node.offset + node.length]
  const before = text.slice(0, start).trimEnd()
  const after = text.slice(end)
  if (before.endsWith(',')) return before.slice(0, -1) + after
  const comma = /^\s*,/.exec(after)
  if (comma) return text.slice(0, start) + after.slice(comma[0].length).trimStart()
  return /[[{]$/.test(before) ? before + after.trimStart() : text.slice(0, start) + after
}

function nodeAt(text: string, path: JSONPath): Node | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true })
  return tree && findNodeAtLocation(tree, path)
}

/** How many objects and lists contain a node. */
function depthOf(node: Node): number {
  let depth = 0
  for (let at = node.parent; at; at = at.parent) if (at.type !== 'property') depth++
  return depth
}
