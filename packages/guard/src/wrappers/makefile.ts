import { UNKNOWN_MARK } from '../unknown.ts'

/** What the guard reads of a Makefile. */
export interface Makefile {
  readonly variables: Map<string, string>
  readonly rules: ReadonlyMap<string, Rule>
  /** The default target. */
  readonly first: string | undefined
}

interface Rule {
  readonly needs: readonly string[]
  /** One shell line each, without `@` and `-` in front. */
  readonly recipe: readonly string[]
}

/** Longer Makefiles are cut. */
const MAX_LINES = 20_000
/** Variables in variables. */
const MAX_DEPTH = 8
/** A longer line isn't expanded further. */
const MAX_TEXT = 64 * 1024

const ASSIGNMENT = /^(?:export\s+|override\s+)*([\w.-]+)\s*(\?|:{1,3}|\+|!)?=\s*(.*)$/
const RULE = /^([^\s:=#][^:=#]*?)\s*::?(?!=)\s*([^;]*)(?:;(.*))?$/

/** Reads variables, rules and recipes. Conditions are passed over: both branches count. */
export function readMakefile(text: string): Makefile {
  const variables = new Map<string, string>()
  const rules = new Map<string, { needs: string[]; recipe: string[] }>()
  let first: string | undefined
  let current: { needs: string[]; recipe: string[] }[] = []
  for (const line of logicalLines(text)) {
    if (line.startsWith('\t')) {
      const command = line.trim().replace(/^[@+-]+\s*/, '')
      if (command !== '' && !command.startsWith('#')) for (const rule of current) rule.recipe.push(command)
      continue
    }
    const bare = line.replace(/(?:^|\s)#.*$/, '').trim()
    const assignment = ASSIGNMENT.exec(bare)
    if (assignment) {
      assign(variables, assignment[1] as string, assignment[2] ?? '', assignment[3] ?? '')
      continue
    }
    const rule = RULE.exec(bare)
    if (!rule) continue
    current = []
    for (const target of (rule[1] as string).split(/\s+/)) {
      const known = rules.get(target) ?? { needs: [], recipe: [] }
      known.needs.push(
        ...(rule[2] ?? '')
          .replace('|', ' ')
          .split(/\s+/)
          .filter(need => need !== ''),
      )
      if (rule[3]?.trim()) known.recipe.push(rule[3].trim())
      rules.set(target, known)
      current.push(known)
      if (!target.startsWith('.') && !target.includes('%')) first ??= target
    }
  }
  return { variables, rules, first }
}

function assign(variables: Map<string, string>, name: string, operator: string, value: string) {
  if (operator === '!') variables.set(name, UNKNOWN_MARK)
  else if (operator === '+') variables.set(name, `${variables.get(name) ?? ''} ${value}`.trim())
  else if (operator !== '?' || !variables.has(name)) variables.set(name, value)
}

function logicalLines(text: string): readonly string[] {
  return text.replace(/\\\r?\n/g, ' ').split(/\r?\n/, MAX_LINES)
}

/** A text with `$(NAME)` and `${NAME}` replaced. Functions and what isn't known become unknown parts. */
export function expandMake(text: string, lookup: (name: string) => string | undefined, depth = 0): string {
  if (depth > MAX_DEPTH || text.length > MAX_TEXT) return UNKNOWN_MARK
  let length = 0
  return text.replace(/\$(?:\$|\(([^()]*)\)|\{([^{}]*)\}|([\w@<^*?%]))/g, (whole, round, curly, letter) => {
    if (whole === '$$') return '$'
    const name: string = round ?? curly ?? letter
    if (name === 'MAKE') return 'make'
    if (name === UNKNOWN_MARK.slice(2, -1)) return UNKNOWN_MARK
    const value = /^[\w.@<^-]+$/.test(name) ? lookup(name) : undefined
    if (value === undefined || length > MAX_TEXT) return UNKNOWN_MARK
    const made = expandMake(value, lookup, depth + 1)
    length += made.length
    return made
  })
}
