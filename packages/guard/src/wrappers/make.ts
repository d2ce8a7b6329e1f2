import { parseFlags } from '../tools/support/flags.ts'
import type { Word } from '../tools/tool.ts'
import { UNKNOWN_MARK } from '../unknown.ts'
import { placeOf } from '../walk/command.ts'
import { isOver, type State } from '../walk/state.ts'
import { expandMake, type Makefile, readMakefile } from './makefile.ts'

const FLAGS = {
  values: [
    '-C --directory',
    '-f --file',
    '--makefile',
    '-I --include-dir',
    '-o --old-file',
    '-W --what-if',
    '-E --eval',
  ],
  switches: [
    '-n --just-print --recon --dry-run',
    '-q --question',
    '-t --touch',
    '-v --version',
    '-h --help',
    '-j --jobs',
  ],
}

/** Recipes of one call of make. */
const MAX_TARGETS = 200

/** `make deploy`: the recipes of the target and of what it needs, one level deep. */
export function runMake(word: Word, args: readonly Word[], state: State) {
  if (state.isInFile || state.isRemote) return
  const flags = parseFlags(args, FLAGS)
  if (flags.has('dry-run', 'question', 'touch', 'version', 'help')) return
  const here = state.child()
  for (const { text } of flags.values('directory'))
    here.cwd = text === undefined ? undefined : here.resolve(text)
  const file = flags.value('file') ?? flags.value('makefile')
  if (file && file.text === undefined) return
  const names = file?.text === undefined ? ['GNUmakefile', 'makefile', 'Makefile'] : [file.text]
  const text = firstOf(names, name => here.read(name))
  if (text === undefined) return
  const words = [...flags.words, ...(flags.rest ?? [])]
  const made = readMakefile(text)
  for (const each of words) setVariable(made, each)
  const targets = words.flatMap(each => (isVariable(each) || each.text === undefined ? [] : [each.text]))
  here.isInFile = true
  here.at = placeOf([word, ...words], state)
  const lookup = (name: string) => made.variables.get(name) ?? textOf(here.lookup(name))
  const seen = new Set<string>()
  const run = (target: string) => {
    if (seen.has(target) || seen.size > MAX_TARGETS || isOver(state.session)) return
    seen.add(target)
    const rule = made.rules.get(target)
    if (!rule) return
    const expand = (line: string) => expandMake(line, name => (name === '@' ? target : lookup(name)))
    for (const needed of rule.needs.flatMap(need => expand(need).split(/\s+/))) run(needed)
    for (const line of rule.recipe) here.session.runLine(expand(line), here.fork())
  }
  for (const target of targets.length ? targets : made.first ? [made.first] : []) run(target)
}

const isVariable = (word: Word) => /^[\w.-]+[:?+]?=/.test(word.text ?? word.start ?? '')
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)

function setVariable({ variables }: Makefile, word: Word) {
  const match = /^([\w.-]+)[:?+]?=/.exec(word.text ?? word.start ?? '')
  if (match) variables.set(match[1] as string, word.text?.slice(match[0].length) ?? UNKNOWN_MARK)
}

function firstOf<Item, Result>(
  items: readonly Item[],
  find: (item: Item) => Result | undefined,
): Result | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
