import { type Flags, parseFlags } from '../tools/support/flags.ts'
import { lineOf } from '../tools/support/line.ts'
import type { InnerOptions, Word } from '../tools/tool.ts'
import type { State } from '../walk/state.ts'
import { runFind } from './find.ts'
import { followLine, followWords } from './follow.ts'
import { runPackageScript } from './package-script.ts'
import { runParallel } from './parallel.ts'
import { WRAPPERS, type Wrapper } from './table.ts'
import { runXargs } from './xargs.ts'

type Run = (args: readonly Word[], state: State, word: Word) => void

const RUNS: ReadonlyMap<string, Run> = new Map<string, Run>([
  ...WRAPPERS.flatMap(wrapper =>
    wrapper.names.map(
      name => [name, (args: readonly Word[], state: State) => run(wrapper, args, state)] as const,
    ),
  ),
  ['xargs', runXargs],
  ['gxargs', runXargs],
  ['parallel', runParallel],
  ['find', runFind],
  ['gfind', runFind],
  ['at', runInput],
  ['batch', runInput],
  ...['npm', 'pnpm', 'yarn', 'bun'].map(name => [name, runPackageScript] as const),
])

/** `echo '…' | at now`: standard input is run as commands. */
function runInput(_: readonly Word[], state: State, word: Word) {
  const text = state.stdin?.()
  if (text === undefined) return
  followLine([{ ...word, text }], state, { stdin: undefined })
}

/** Follows a wrapper's command. False if the program isn't a wrapper. */
export function runWrapper(name: string, word: Word, args: readonly Word[], state: State): boolean {
  const follow = RUNS.get(name)
  follow?.(args, state, word)
  return follow !== undefined
}

function run(wrapper: Wrapper, given: readonly Word[], state: State) {
  const args = wrapper.verbs ? afterVerb(wrapper, given) : given
  if (!args) return
  const values = [...(wrapper.values ?? []), ...(wrapper.line ? [wrapper.line] : [])]
  const flags = parseFlags(args, { values, stopsAtWord: true })
  if (flags.has(...(wrapper.silentWith ?? []))) return
  if (wrapper.line) {
    const anywhere = parseFlags(args, { values })
    const line = anywhere.value('command')
    if (line) return followLine([line], state, { env: userOf(wrapper, anywhere) })
  }
  const more: InnerOptions = {
    ...(wrapper.isRemote ? { isRemote: true, host: state.host } : {}),
    ...folderOf(wrapper, flags.value(wrapper.folder ?? ''), state),
  }
  const split = wrapper.names.includes('env') && flags.value('split-string')
  let words = flags.rest ?? flags.words
  if (wrapper.isAfterDashes && !flags.rest) {
    const dashes = words.findIndex(word => word.text === '--')
    words = dashes < 0 ? [] : words.slice(dashes + 1)
  }
  const env = assignments(wrapper, words, flags.values('unset'))
  Object.assign(env.set, userOf(wrapper, flags))
  if (split) return followLine([split, ...words], state, { ...more, env: env.set })
  words = words.slice(env.count + (wrapper.operands ?? 0))
  if (words[0]?.text === '--') words = words.slice(1)
  if (wrapper.isJoined && !flags.has('x', 'exec')) return followLine(words, state, more)
  if (wrapper.isSame) return state.session.runWords(words, state)
  // `sudo -s 'kubectl …'` and `sudo -i` give the words to a shell.
  const isLine = words.length === 1 && flags.has('s', 'i', 'shell', 'login') && /\s/.test(lineOf(words))
  const all = { ...more, env: env.set }
  return isLine ? followLine(words, state, all) : followWords(words, state, all)
}

/** What follows the verb, or the verb and what follows if it is the program. */
function afterVerb(wrapper: Wrapper, args: readonly Word[]): readonly Word[] | undefined {
  const { words } = parseFlags(args, { values: wrapper.values ?? [], stopsAtWord: true })
  const [verb, ...rest] = words
  if (verb?.text === undefined || !wrapper.verbs?.includes(verb.text)) return undefined
  if (!wrapper.isVerbProgram) return rest
  return [verb, ...(rest[0]?.text === '--' ? rest.slice(1) : rest)]
}

/** The variables that tell a program who runs it. */
function userOf({ user }: Wrapper, flags: Flags): Readonly<Record<string, string | undefined>> {
  if (!user) return {}
  const word = user.isWord ? flags.words.find(({ text }) => text !== '-') : undefined
  const named = (user.flag === undefined ? undefined : flags.value(user.flag)) ?? word
  const name = named ? named.text?.split(':')[0] : 'root'
  return { USER: name, LOGNAME: name }
}

function folderOf(wrapper: Wrapper, folder: Word | undefined, state: State): InnerOptions {
  if (!wrapper.folder || !folder) return {}
  return { cwd: folder.text === undefined ? null : (state.resolve(folder.text) ?? null) }
}

/** `A=b` before the command, and what `-u` unsets. */
function assignments(wrapper: Wrapper, words: readonly Word[], unset: readonly Word[]) {
  const set: Record<string, string | undefined> = {}
  if (wrapper.names.includes('env')) for (const { text } of unset) if (text) set[text] = undefined
  let count = 0
  for (const { text, start } of wrapper.hasAssignments ? words : []) {
    const match = /^([A-Za-z_]\w*)=/.exec(text ?? start ?? '')
    if (!match) break
    set[match[1] as string] = text?.slice(match[0].length)
    count++
  }
  return { set, count }
}
