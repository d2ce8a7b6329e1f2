import { PresenceError } from '@presence/core'
import { ROLE_RULES, RULES } from './rules-text.ts'

const BEGIN =
  '<!-- presence: begin. Written by `presence init --hooks`; what stands between the marks is replaced. -->'
const END = '<!-- presence: end -->'

/** The files at a project's top from which agents read rules. */
const FILES = ['AGENTS.md', 'CLAUDE.md', 'GEMINI.md']
/** Created if a project has none, because most agents read it. */
const FILE_DEFAULT = 'AGENTS.md'

/** The files that the rules go into: all of the project's files that exist, or else the default one. */
export function filesOfRules(isThere: (name: string) => boolean, present: boolean): readonly string[] {
  const there = FILES.filter(isThere)
  return there.length > 0 || !present ? there : [FILE_DEFAULT]
}

/**
 * A file of rules with our part between its marks, or without it. Everything else stays unchanged.
 *
 * @param hasRoles adds the rules for a project with roles
 * @throws PresenceError `invalid_config` if one of the marks is missing, because then it is unknown what is
 * ours
 */
export function withRules(text: string, path: string, present: boolean, hasRoles = false): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  const next = begin < 0 ? -1 : text.indexOf(BEGIN, begin + 1)
  if (begin >= 0 && (end < begin || (next >= 0 && next < end)))
    throw new PresenceError(
      'invalid_config',
      `${path} has the beginning of presence's part, but not its end`,
      `put the line ${END} where it ends, or remove the part`,
    )
  const [before, after] =
    begin >= 0 && end > begin
      ? [text.slice(0, begin), text.slice(end + END.length).replace(/^\r?\n/, '')]
      : [text, '']
  const found = begin >= 0 && end > begin
  // Whether the file ended without a line break before our part was added. In this case no line break follows
  // our part, so that removing it restores the file.
  const open = found ? text.endsWith(END) : text !== '' && !text.endsWith('\n')
  if (!present) return found ? before.replace(/\n\n$/, open ? '' : '\n') + after : text
  const gap = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  return `${before}${gap}${BEGIN}\n${RULES}${hasRoles ? ROLE_RULES : ''}${END}${open ? '' : '\n'}${after}`
}
