import { isDeepStrictEqual } from 'node:util'
import { parse, patch } from '@decimalturn/toml-patch'
import { PresenceError } from '@presence/core'

const BEGIN =
  '# presence: begin. Written by `presence init --mcp`; what stands between the marks is replaced.'
const END = '# presence: end'

/** A table of ours in a file of TOML. */
export interface OurTable {
  /** The table that it is in, and its own name in there. */
  readonly keys: readonly [parent: string, name: string]
  readonly values: Readonly<Record<string, string | readonly string[]>>
}

type Values = Record<string, unknown>

/**
 * A file of TOML with a table of ours, or without. It stands at the file's end, between marks; in a parent that is written as
 * a value, which no table may follow, it is that value's last member. Everything else stays byte for byte, also what an editor
 * wrote between the marks: one that keeps comments may put a new table before the last of them, which is our end.
 *
 * @throws PresenceError `invalid_config` for what is no TOML, has another table of that name, or takes none; nothing is
 *   taken for granted: the text returned was read, and says what the one before said
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
      'take it out, or leave it: presence writes no second one',
    )
  const written = [
    () => (found ? found.before + found.gap + partIn(rest, ours) + found.after : appended(text, ours)),
    () => patch(rest, withMember(values, ours)),
  ]
  const good = written.map(attempt).find(each => each !== undefined && saysAlso(each, rest, path, ours))
  if (good !== undefined && isTable(values[ours.keys[0]] ?? {})) return good
  throw new PresenceError(
    'invalid_config',
    `${path} has ${ours.keys[0]} that take no table`,
    `mend them, or write by hand: ${ours.keys.join('.')} = ${inlineOf(ours)}`,
  )
}

/** Is it what this version writes? Undefined where there is no such table. @throws PresenceError for what is no TOML */
export function isOurs(text: string, path: string, ours: OurTable): boolean | undefined {
  const there = memberOf(read(text, path), ours)
  return there === undefined ? undefined : isDeepStrictEqual(there, ours.values)
}

/** Without what the by-hand line, or a value's last member, says of ours; another's stays, and so does what can't be read. */
function withoutMember(text: string, path: string, ours: OurTable): string {
  const values = attempt(() => read(text, path))
  const parent = values?.[ours.keys[0]]
  if (!values || !isDeepStrictEqual(memberOf(values, ours), ours.values)) return text
  const { [ours.keys[1]]: _ours, ...others } = parent as Values
  const after = attempt(() => patch(text, { ...values, [ours.keys[0]]: others }))
  return after !== undefined && saysAlso(text, after, path, ours) ? after : text
}

/** Does one text say what the other says, and our table besides? */
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

/** @throws PresenceError `invalid_config`, with the line and nothing of what stands there: it may be a secret */
function read(text: string, path: string): Values {
  try {
    // The parser's objects have no prototype, which would tell them from others of the same members.
    return structuredClone(parse(text))
  } catch (error) {
    const { line } = error as { readonly line?: number }
    throw new PresenceError(
      'invalid_config',
      `${path} is no TOML${line === undefined ? '' : `, from line ${line} on`}`,
      'mend it, or move it out of the way',
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

/** A text or a list of them is in TOML as in JSON. */
function textOf(value: string | readonly string[]): string {
  return typeof value === 'string' ? JSON.stringify(value) : `[${value.map(textOf).join(', ')}]`
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

/**
 * Our part, and what stands around it; undefined where there is none. The empty line before it is ours too. An editor may
 * have changed how lines end.
 *
 * @throws PresenceError `invalid_config` where without it the file would not say what it says besides
 */
function partOf(text: string, path: string, ours: OurTable) {
  const values = read(text, path)
  const begin = markIn(text, BEGIN, 0, values)
  if (!begin) return undefined
  const end = markIn(text, END, begin.to, values)
  if (!end)
    throw new PresenceError(
      'invalid_config',
      `${path} has the beginning of presence's part, and not its end`,
      `put the line ${END} where it ends, or take the part out`,
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
    `move what is yours out from between them, behind the line ${END}`,
  )
}

/** A mark's line. One that the file would say something else without is no comment: it stands in a text. */
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

/** What is not of our table between the marks, before it and behind it: others' tables, and every comment on a line of its own. */
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

/** What a file says besides our table. */
function besides(values: Values, { keys: [parent, name] }: OurTable): Values {
  const { [parent]: within, ...rest } = values
  if (within === undefined || !isTable(within)) return values
  const { [name]: _ours, ...others } = within as Values
  return Object.keys(others).length === 0 ? rest : { ...rest, [parent]: others }
}
