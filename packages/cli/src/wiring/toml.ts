import { isDeepStrictEqual } from 'node:util'
import { parse, patch } from '@decimalturn/toml-patch'
import { PresenceError } from '@presence/core'

/** The comment above our table. A table with this comment is ours, even if its values differ. */
const MARK = '# presence: written by `presence init --mcp`, which replaces or removes this table'
/**
 * Our comments, also those of older versions, which had one above the table and one below it. Each with its
 * line end, and the empty line before it.
 */
const MARKS =
  /(?:(?<=\n)\r?\n|(?<=(?:^|\n)\ufeff?))# presence: (?:(?:begin\. W|w)ritten by `presence init --mcp`[^\n]*|end[ \t]*\r?)(?:\n|$)/g

export interface OurTable {
  /** The table that contains it, and its own name there. */
  readonly keys: readonly [parent: string, name: string]
  readonly values: Readonly<Record<string, string | readonly string[]>>
  /** The list to which its user may add: what is there is kept. */
  readonly open?: string
}

type Values = Record<string, unknown>

/**
 * A TOML file with our table, or without it. The table stands at the end of the file, below our comment. If
 * its parent is written as an inline value, no table may follow it, so ours becomes the last member of that
 * value. Everything else stays byte for byte.
 *
 * The result is checked: it is read again, and must have the values that the file had before, and our table with
 * what its user added to it.
 *
 * @throws PresenceError `invalid_config` if the file is not valid TOML, has a different table of that name,
 * or can't contain one
 */
export function withTable(
  text: string,
  path: string,
  written: OurTable,
  { present }: { readonly present: boolean },
): string {
  // Without our comment, at most an entry equal to ours is removed, and a file that is not valid TOML stays
  // unchanged.
  const isMarked = text.search(MARKS) >= 0
  if (!present && !isMarked) return withoutMember(text, path, written)
  const values = read(text, path)
  const there = memberOf(values, written)
  const ours = withAdditions(written, there)
  if (present && isDeepStrictEqual(there, ours.values)) return text
  if (present && isMarked && isDeepStrictEqual({ ...(there as Values), ...listOf(ours) }, ours.values)) {
    // Only our list grows, so the rest of the table keeps its form, too.
    const all = withMember(values, ours)
    const grown = attempt(() => patch(text, all)) ?? ''
    const said = attempt(() => read(grown, path))
    if (isDeepStrictEqual(said, all)) return grown
  }
  const rest = withoutTable(text, path, ours)
  if (!present) return withoutMember(rest, path, ours)
  const others = read(rest, path)
  if (memberOf(others, ours) !== undefined)
    throw new PresenceError(
      'invalid_config',
      `${path} has ${ours.keys.join('.')} already`,
      'remove that table, or keep it: presence does not write a second one',
    )
  const ways = [() => appended(rest, ours), () => patch(rest, withMember(others, ours))]
  const good = ways.map(attempt).find(each => each !== undefined && saysAlso(each, rest, path, ours))
  if (good !== undefined && isTable(others[ours.keys[0]] ?? {})) return good
  throw new PresenceError(
    'invalid_config',
    `${path} has ${ours.keys[0]} in a form that no table can be added to`,
    `make ${ours.keys[0]} a table and run this again, or add the entry yourself: ${ours.keys.join('.')} = ${inlineOf(written)}`,
  )
}

/**
 * The table of this name; undefined if there is none.
 * @throws PresenceError if the text is not valid TOML
 */
export function tableIn(text: string, path: string, ours: OurTable): unknown {
  return memberOf(read(text, path), ours)
}

/** Our table with what is in its open list now. */
function withAdditions(ours: OurTable, there: unknown): OurTable {
  const { open = '', values } = ours
  const [own, theirs] = [values[open], (there as Values | undefined)?.[open]]
  if (!Array.isArray(own) || !Array.isArray(theirs)) return ours
  const missing = own.filter(each => !theirs.includes(each))
  return { ...ours, values: { ...values, [open]: [...theirs, ...missing] } }
}

function listOf({ open, values }: OurTable): Values {
  return open === undefined ? {} : { [open]: values[open] }
}

/**
 * Removes our table if it was written by hand or as a value's last member. A different table stays, and so
 * does a text that can't be read.
 */
function withoutMember(text: string, path: string, written: OurTable): string {
  const values = attempt(() => read(text, path))
  const parent = values?.[written.keys[0]]
  const there = values && memberOf(values, written)
  const ours = withAdditions(written, there)
  if (!values || !isDeepStrictEqual(there, ours.values)) return text
  const { [ours.keys[1]]: _ours, ...others } = parent as Values
  const after = attempt(() => patch(text, { ...values, [ours.keys[0]]: others }))
  return after !== undefined && saysAlso(text, after, path, ours) ? after : text
}

/** True if a text has the values of the other text and in addition our table. */
function saysAlso(text: string, without: string, path: string, ours: OurTable): boolean {
  const said = attempt(() => read(text, path))
  return said !== undefined && isDeepStrictEqual(said, withMember(read(without, path), ours))
}

function withMember(values: Values, { keys: [parent, name], values: ours }: OurTable): Values {
  return { ...values, [parent]: { ...(values[parent] as Values | undefined), [name]: ours } }
}

function memberOf(values: Values, { keys: [parent, name] }: OurTable): unknown {
  return (values[parent] as Values | undefined)?.[name]
}

function isTable(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
}

/**
 * @throws PresenceError `invalid_config` with the line number, but without the line: it may contain a secret
 */
function read(text: string, path: string): Values {
  try {
    // The parser's objects have no prototype, so a strict comparison would not find them equal to ours.
    return structuredClone(parse(text))
  } catch (error) {
    const { line } = error as { readonly line?: number }
    throw new PresenceError(
      'invalid_config',
      `${path} is not TOML${line === undefined ? '' : `, from line ${line} on`}`,
      'fix it, or move it out of the way',
    )
  }
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

function appended(text: string, ours: OurTable): string {
  const eol = eolOf(text)
  const gap = text === '' || text === '\ufeff' ? '' : text.endsWith('\n') ? eol : eol + eol
  return text + gap + partIn(text, ours)
}

function partIn(text: string, { keys, values }: OurTable): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${textOf(value)}`)
  return [MARK, `[${keys.join('.')}]`, ...lines, ''].join(eolOf(text))
}

function inlineOf({ values }: OurTable): string {
  return `{ ${Object.entries(values)
    .map(([key, value]) => `${key} = ${textOf(value)}`)
    .join(', ')} }`
}

/** A string, or a list of strings, is written in TOML as in JSON. */
function textOf(value: string | readonly string[]): string {
  return typeof value === 'string' ? JSON.stringify(value) : `[${value.map(textOf).join(', ')}]`
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

/**
 * Removes our comments and, if there are any, our table.
 *
 * @throws PresenceError `invalid_config` if the file would have other values afterwards, apart from our table
 */
function withoutTable(text: string, path: string, ours: OurTable): string {
  const others = besides(read(text, path), ours)
  // Keep a match that is part of a string value: removing it would change the file's values.
  const drop = (from: string, pattern: RegExp) =>
    [...from.matchAll(pattern)].reduceRight((left, { index, 0: { length } }) => {
      const after = left.slice(0, index) + left.slice(index + length)
      const values = attempt(() => besides(read(after, path), ours))
      return values && isDeepStrictEqual(values, others) ? after : left
    }, from)
  const unmarked = drop(text, MARKS)
  if (unmarked === text) return text
  const rest = drop(unmarked, tablesOf(ours))
  const left = memberOf(read(rest, path), ours)
  if (left === undefined || isDeepStrictEqual(left, ours.values)) return rest
  throw new PresenceError(
    'invalid_config',
    `${path} has ${ours.keys.join('.')} in a form that presence doesn't write`,
    'remove that table, and the comments of presence above and below it',
  )
}

/** Our table and those below it, each up to the next table, comment or empty line that is not inside a list. */
function tablesOf({ keys: [parent, name] }: OurTable): RegExp {
  const header = `[ \\t]*\\[[ \\t]*${parent}[ \\t]*\\.[ \\t]*${name}[ \\t]*[.\\]][^\\n]*\\n?`
  const list = '[^\\n=]+=[ \\t]*\\[[^\\]]*\\][^\\n]*'
  return new RegExp(`(?<=(?:^|\\n)\\ufeff?)${header}(?:(?![ \\t]*[[#\\r\\n])(?:${list}|[^\\n]+)\\n?)*`, 'g')
}

/** The values of a file without our table. */
function besides(values: Values, { keys: [parent, name] }: OurTable): Values {
  const { [parent]: within, ...rest } = values
  if (within === undefined || !isTable(within)) return values
  const { [name]: _ours, ...others } = within as Values
  return Object.keys(others).length === 0 ? rest : { ...rest, [parent]: others }
}
