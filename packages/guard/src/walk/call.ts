import type { Call, Found, InnerOptions, Word } from '../tools/tool.ts'
import { locate } from './command.ts'
import { MAX_DEPTH, type Place, type State } from './state.ts'

/** One simple command as tools see it. Environment and standard input are made when a tool asks for them. */
export function callOf(name: string, words: readonly [Word, ...Word[]], state: State): Call {
  const [word, ...args] = words
  const { session, stdin } = state
  const before = session.earlier.length
  let env: Call['env'] | undefined
  let unknownEnv: Call['unknownEnv'] | undefined
  const follow = (
    more: InnerOptions,
    place: Place | undefined,
    run: (inner: State) => void,
  ): readonly Found[] => {
    if (state.depth >= MAX_DEPTH) {
      session.ranOut = true
      return []
    }
    const inner = state.within(more, place)
    inner.out = []
    run(inner)
    return inner.out
  }
  const placeIn = (line: string, { at }: InnerOptions): Place => {
    const place = locate(line, words, state)
    return at && place.at && !state.at ? { at, shift: 0 } : place
  }
  return {
    name,
    word,
    args,
    get env() {
      env ??= state.env()
      return env
    },
    get unknownEnv() {
      unknownEnv ??= state.unknownEnv()
      return unknownEnv
    },
    cwd: state.cwd,
    host: state.host,
    isRemote: state.isRemote,
    get stdin() {
      return stdin?.()
    },
    context: session.context,
    get earlier() {
      return session.earlier.slice(0, before)
    },
    budget: session.budget,
    inner: (line, more = {}) =>
      follow({ ...more, at: undefined }, placeIn(line, more), inner => session.runLine(line, inner)),
    innerArgs: (inside, more = {}) => {
      const at = state.at ?? more.at
      const moved = at ? inside.map(each => ({ ...each, from: at[0], to: at[1] })) : inside
      return follow(more, undefined, inner => session.runWords(moved, inner))
    },
    read: path => state.read(path),
    list: path => state.list(path),
    isExecutable: path => {
      const full = state.isRemote ? undefined : state.resolve(path)
      return full !== undefined && session.context.isExecutable?.(full) === true
    },
  }
}
