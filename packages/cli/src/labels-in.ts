import type { Command, Option } from 'commander'

/** How each verb that makes claims is given its labels: as its words, or by an option. */
const CLAIMS: Readonly<Record<string, 'words' | '--claim'>> = {
  claim: 'words',
  steal: 'words',
  run: '--claim',
}

/**
 * The labels that a command line was to claim, as far as they can be told from arguments that can't be parsed.
 *
 * @param program with the verb among its commands
 */
export function labelsIn(program: Command, verb: string, args: readonly string[]): readonly string[] {
  const given = Object.hasOwn(CLAIMS, verb) ? CLAIMS[verb] : undefined
  const command = program.commands.find(each => each.name() === verb)
  if (given === undefined || !command) return []
  const [[, ...words], values] = split([...program.options, ...command.options], args, given)
  return given === 'words' ? words.filter((word, at) => at === 0 || word.includes(':')) : values
}

/** The words that are no options, and the values of the option `name` before the second word, which `run` starts. */
function split(options: readonly Option[], args: readonly string[], name: string) {
  const words: string[] = []
  const values: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--') return [[...words, ...args.slice(at + 1)], values] as const
    if (!arg.startsWith('-')) words.push(arg)
    else if (words.length < 2 && arg.startsWith(`${name}=`)) values.push(arg.slice(name.length + 1))
    else if (options.some(({ long, required }) => required && long === arg)) {
      const value = args[++at]
      if (words.length < 2 && arg === name && value !== undefined) values.push(value)
    }
  }
  return [words, values] as const
}
