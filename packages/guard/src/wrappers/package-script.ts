import { parseFlags } from '../tools/support/flags.ts'
import { lineOf } from '../tools/support/line.ts'
import type { Word } from '../tools/tool.ts'
import { placeOf } from '../walk/command.ts'
import type { State } from '../walk/state.ts'

const FLAGS = {
  values: ['-w --workspace', '-C --dir', '--prefix', '--cwd', '-F --filter'],
  stopsAtWord: true,
}

/** `npm run deploy`: the script of `package.json`, one level deep. */
export function runPackageScript(args: readonly Word[], state: State, word: Word) {
  if (state.isInFile || state.isRemote) return
  const outer = parseFlags(args, FLAGS)
  const [verb, ...after] = outer.words
  if (verb?.text !== 'run' && verb?.text !== 'run-script') return
  const inner = parseFlags(after, FLAGS)
  const [name, ...rest] = inner.words
  if (name?.text === undefined || [outer, inner].some(flags => flags.has('workspace', 'filter'))) return
  const folder = ['dir', 'prefix', 'cwd']
    .map(flag => outer.value(flag) ?? inner.value(flag))
    .find(each => each)
  const here = state.child()
  if (folder) here.cwd = folder.text === undefined ? undefined : state.resolve(folder.text)
  const scripts = scriptsOf(here.read('package.json'))
  const extra = rest[0]?.text === '--' ? rest.slice(1) : rest
  here.at = placeOf([word, name], state)
  here.isInFile = true
  for (const each of [`pre${name.text}`, name.text, `post${name.text}`]) {
    const script = Object.hasOwn(scripts, each) ? scripts[each] : undefined
    if (typeof script !== 'string') continue
    here.session.runLine(each === name.text ? [script, lineOf(extra)].join(' ') : script, here.fork())
  }
}

function scriptsOf(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const { scripts } = JSON.parse(text ?? '{}') as { readonly scripts?: unknown }
    return typeof scripts === 'object' && scripts !== null ? (scripts as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
