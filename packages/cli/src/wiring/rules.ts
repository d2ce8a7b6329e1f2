import { PresenceError } from '@presence/core'
import { RULES } from './rules-text.ts'

const BEGIN =
  '<!-- presence: begin. Written by `presence init --hooks`; what stands between the marks is replaced. -->'
const END = '<!-- presence: end -->'

/** The files that agents read rules from, at a project's top. */
const FILES = ['AGENTS.md', 'CLAUDE.md', 'GEMINI.md']
/** Read by most of them, where a project has none yet. */
const FILE_DEFAULT = 'AGENTS.md'

/** Those of a project's files that the rules go into: all that are there. */
export function filesOfRules(isThere: (name: string) => boolean, present: boolean): readonly string[] {
  const there = FILES.filter(isThere)
  return there.length > 0 || !present ? there : [FILE_DEFAULT]
}

/**
 * A file of rules with ours in it, between its marks; or without. Everything else stays as it was.
 *
 * @throws PresenceError `invalid_config` where one of the marks is lacking: nobody knows what is ours then
 */
export function withRules(text: string, path: string, present: boolean): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  const next = begin < 0 ? -1 : text.indexOf(BEGIN, begin + 1)
  if (begin >= 0 && (end < begin || (next >= 0 && next < end)))
    throw new PresenceError(
      'invalid_config',
      `${path} has the beginning of presence's part, and not its end`,
      `put the line ${END} where it ends, or take the part out`,
    )
  const [before, after] =
    begin >= 0 && end > begin
      ? [text.slice(0, begin), text.slice(end + END.length).replace(/^\r?\n/, '')]
      : [text, '']
  const found = begin >= 0 && end > begin
  // A file that ended without a line's end ends so again: that ours has none behind it tells.
  const open = found ? text.endsWith(END) : text !== '' && !text.endsWith('\n')
  if (!present) return found ? before.replace(/\n\n$/, open ? '' : '\n') + after : text
  const gap = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  return `${before}${gap}${BEGIN}\n${RULES}${END}${open ? '' : '\n'}${after}`
}
