import { PresenceError } from '@presence/core'

const BEGIN =
  '# presence: begin. Written by `presence init --mcp`; what stands between the marks is replaced.'
const END = '# presence: end'

/**
 * A file of TOML with a table of ours at its end, between marks; or without. Everything else stays byte for byte: a table may
 * stand at the end of any such file, so nothing of it needs to be read.
 *
 * @param name the table's, which somebody else may have written already
 * @throws PresenceError `invalid_config` for one that has the table outside the marks, or but one mark
 */
export function withTable(
  text: string,
  path: string,
  table: string,
  { name, present }: { readonly name: string; readonly present: boolean },
): string {
  const found = partOf(text, path)
  const rest = found ? found.before + found.after : text
  if (!present) return rest
  if (defines(rest, name))
    throw new PresenceError(
      'invalid_config',
      `${path} has ${name} already`,
      'take it out, or leave it: presence writes no second one',
    )
  const part = `${BEGIN}\n${table}${END}\n`
  if (found) return found.before + found.gap + part + found.after
  const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  return text + gap + part
}

/** Our part, and what stands around it. The empty line before it is ours too. */
function partOf(text: string, path: string) {
  const begin = text.indexOf(BEGIN)
  if (begin < 0) return undefined
  const end = text.indexOf(`${END}\n`, begin)
  if (end < 0)
    throw new PresenceError(
      'invalid_config',
      `${path} has the beginning of presence's part, and not its end`,
      `put the line ${END} where it ends, or take the part out`,
    )
  const before = text.slice(0, begin)
  const gap = before.endsWith('\n\n') ? '\n' : ''
  return { before: before.slice(0, before.length - gap.length), gap, after: text.slice(end + END.length + 1) }
}

/** Does a line open that table, or the one that it is in as a value of one line? */
function defines(text: string, name: string): boolean {
  const [parent = ''] = name.split('.')
  return text.split('\n').some(line => {
    const code = line.replaceAll(/["'\s]/g, '')
    return code.startsWith(`[${name}]`) || code.startsWith(`${name}=`) || code.startsWith(`${parent}=`)
  })
}
