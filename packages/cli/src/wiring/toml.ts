import { isDeepStrictEqual } from 'node:util'
import { parse, patch } from '@decimalturn/toml-patch'
import { PresenceError } from '@presence/core'

const BEGIN =
  '# presence: begin. Written by `presence init --mcp`; what stands between the marks is replaced.'
const END = '# presence: end'

/** A table of ours in a TOML file. */
export interface OurTable {
  /** The table that contains it, and its own name there. */
  readonly keys: readonly [parent: string, name: string]
  readonly values: Readonly<Record<string, string | readonly string[]>>
}

type Values = Record<string, unknown>

/**
 * A TOML file with our table, or without it. The table stands at the end of the file, between marks. If its
 * parent is written as an inline value, no table may follow it, so ours becomes the last member of that
 * value. Everything else stays byte for byte, including what an editor wrote between the marks: an editor
 * that keeps comments may put a new table before the last comment, which is our end mark.
 *
 * The result is checked: it is read again, and must have the values that the file had before, and our table.
 *
 * @throws PresenceError `invalid_config` if the file is no TOML, has a different table of that name, or can't
 * contain one
 */
export function withTable(
  text: string,
  path: string,
  ours: OurTable,
  { present }: { readonly present: boolean },
): string {
  if (!present && !text.includes(BEGIN)) return withoutMember(text, path, ours)
  const found = partOf(text, path, ours)
  const rest = found ? found.before + found.after : text
  if (!present) return withoutMember(rest, path, ours)
  const values = read(rest, path)
  const there = memberOf(values, ours)
  if (there !== undefined && isDeepStrictEqual(there, ours.values)) return text
  if (there !== undefined)
    throw new PresenceError(
      'invalid_config',
      `${path} has ${ours.keys.join('.')} already`,
      'remove that table, or keep it: presence does not write a second one',
    )
  const written = [
    () => (found ? found.before + found.gap + partIn(rest, ours) + found.after : appended(text, ours)),
    () => patch(rest, withMember(values, ours)),
  ]
  const good = written.map(attempt).find(each => each !== undefined && saysAlso(each, rest, path, ours))
  if (good !== undefined && isTable(values[ours.keys[0]] ?? {})) return good
  throw new PresenceError(
    'invalid_config',
    `${path} has ${ours.keys[0]} in a form that no table can be added to`,
    `make ${ours.keys[0]} a table and run this again, or add the entry yourself: ${ours.keys.join('.')} = ${inlineOf(ours)}`,
  )
}

/**
 * True if this version writes exactly this table; undefined if there is no such table.
 * @throws PresenceError if the text is no TOML
 */
export function isOurs(text: string, path: string, ours: OurTable): boolean | undefined {
  const there = memberOf(read(text, path), ours)
  return there === undefined ? undefined : isDeepStrictEqual(there, ours.values)
}

/**
 * Removes our table if it was written by hand or as a value's last member. A different table stays, and so
 * does a text that can't be read.
 */
function withoutMember(text: string, path: string, ours: OurTable): string {
  const values = attempt(() => read(text, path))
  const parent = values?.[ours.keys[0]]
  if (!values || !isDeepStrictEqual(memberOf(values, ours), ours.values)) return text
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
  return [BEGIN, `[${keys.join('.')}]`, ...lines, END, ''].join(eolOf(text))
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
 * Our part, and the text around it; undefined if there is none. The empty line before it is ours too. An
 * editor may have changed the line ends.
 *
 * @throws PresenceError `invalid_config` if the rest of the file would have other values without our part
 */
function partOf(text: string, path: string, ours: OurTable) {
  const values = read(text, path)
  const begin = markIn(text, BEGIN, 0, values)
  if (!begin) return undefined
  const end = markIn(text, END, begin.to, values)
  if (!end)
    throw new PresenceError(
      'invalid_config',
      `${path} has the beginning of presence's part, but not its end`,
      `put the line ${END} where it ends, or remove the part`,
    )
  const others = othersIn(text.slice(begin.to, end.from), ours)
  const before = text.slice(0, begin.from) + others.before
  const gap = /\n(\r?\n)$/.exec(before)?.[1] ?? ''
  const part = {
    before: before.slice(0, before.length - gap.length),
    gap,
    after: others.after + text.slice(end.to),
  }
  const rest = attempt(() => read(part.before + part.after, path))
  if (rest && isDeepStrictEqual(besides(rest, ours), besides(values, ours))) return part
  throw new PresenceError(
    'invalid_config',
    `${path} has more than presence's table between presence's marks`,
    `move your own lines to after the line ${END}`,
  )
}

/**
 * The line of a mark. If removing the line changes the file's values, the line is no comment but part of a
 * string.
 */
function markIn(text: string, mark: string, start: number, values: Values) {
  for (const { index, 0: line } of text.matchAll(
    new RegExp(`(?<=(?:^|\\n)\ufeff?)${mark}[ \\t]*(?:\\r?\\n|$)`, 'g'),
  )) {
    const to = index + line.length
    const without = index < start ? undefined : attempt(() => read(text.slice(0, index) + text.slice(to), ''))
    if (without && isDeepStrictEqual(without, values)) return { from: index, to }
  }
  return undefined
}

/**
 * The text between the marks that is not our table, before it and after it: tables of others, and every
 * comment on its own line.
 */
function othersIn(part: string, { keys: [parent, name] }: OurTable) {
  const header = new RegExp(`^[ \\t]*\\[[ \\t]*${parent}[ \\t]*\\.[ \\t]*${name}[ \\t]*[.\\]]`)
  const kept = { before: '', after: '' }
  let [isOurs, side]: [boolean, keyof typeof kept] = [false, 'before']
  let loose: string[] = []
  const keep = (lines: readonly string[]) => {
    kept[side] += lines.filter(line => !isOurs || line.trim() !== '').join('')
    loose = []
  }
  for (const line of part.split(/(?<=\n)/)) {
    if (/^\s*(?:#.*)?$/s.test(line)) {
      loose.push(line)
      continue
    }
    if (/^[ \t]*\[/.test(line)) isOurs = header.test(line)
    keep(isOurs ? loose : [...loose, line])
    if (isOurs) side = 'after'
  }
  keep(loose)
  return kept
}

/** The values of a file without our table. */
function besides(values: Values, { keys: [parent, name] }: OurTable): Values {
  const { [parent]: within, ...rest } = values
  if (within === undefined || !isTable(within)) return values
  const { [name]: _ours, ...others } = within as Values
  return Object.keys(others).length === 0 ? rest : { ...rest, [parent]: others }
}
