import type { Command, CommandNode, HereDoc, Redirection, Script, Word as WordNode } from 'unbash'
import { kubectlOutput } from '../tools/kube/kubectl/output.ts'
import { builtText } from '../tools/kube/kustomization.ts'
import { KUSTOMIZE_FLAGS } from '../tools/kube/kustomize.ts'
import { parseFlags } from '../tools/support/flags.ts'
import type { Word } from '../tools/tool.ts'
import { UNKNOWN_MARK } from '../unknown.ts'
import { MAX_WORDS } from './braces.ts'
import { normalized, type State } from './state.ts'

/** How words are expanded. It is passed in, because substitutions inside of words need outputs too. */
export interface Expand {
  words(nodes: readonly WordNode[], state: State): readonly Word[]
  value(node: WordNode, state: State): string | undefined
  hereDoc(node: HereDoc, state: State): string
}

type Stdin = () => string | undefined

/** Longer outputs aren't made. */
const MAX_OUTPUT = 1024 * 1024

/** The output of a script, if it is one command whose output is known, such as `echo` or `cat` of a heredoc. */
export function outputOf(script: Script, state: State, expand: Expand): string | undefined {
  const [statement, more] = script.commands
  if (!statement || more || statement.background) return undefined
  const { command } = statement
  const stages = command.type === 'Pipeline' ? command.commands : [command]
  let stdin = state.stdin
  for (const stage of stages) {
    if (stage.type !== 'Command') return undefined
    stdin = stageOutput(stage, state, stdin, expand)
  }
  return stdin?.()
}

/** Reads the output of one command of a pipeline when the next one asks for it. */
export function stageOutput(
  node: CommandNode,
  state: State,
  stdin: Stdin | undefined,
  expand: Expand,
): Stdin | undefined {
  if (node.type !== 'Command') return undefined
  const before = state.fork()
  before.isDry = true
  let known: { readonly text: string | undefined } | undefined
  return () => {
    known ??= { text: commandOutput(node, before, redirected(node.redirects, before, stdin, expand), expand) }
    return known.text
  }
}

/** Standard input after redirections: a heredoc, a here-string or a file. */
export function redirected(
  redirects: readonly Redirection[],
  state: State,
  stdin: Stdin | undefined,
  expand: Expand,
): Stdin | undefined {
  const last = redirects.findLast(each => {
    const descriptor = each.descriptor?.type === 'FileDescriptor' ? each.descriptor.value : 0
    return descriptor === 0 && ['<', '<<', '<<-', '<<<', '<>', '<&'].includes(each.operator)
  })
  if (!last) return stdin
  if (last.type === 'HereDoc') {
    const text = expand.hereDoc(last, state)
    return () => text
  }
  const text = last.target && expand.value(last.target, state)
  if (last.type === 'HereString') return () => (text === undefined ? undefined : `${text}\n`)
  if (last.operator !== '<' || text === undefined) return () => undefined
  return () => state.read(text)
}

function commandOutput(
  node: Command,
  state: State,
  stdin: Stdin | undefined,
  expand: Expand,
): string | undefined {
  const name = node.name?.value
  if (name === undefined) return node.prefix.length === node.redirects.length ? stdin?.() : undefined
  const make = OUTPUTS[name]
  if (!make || node.name?.parts) return undefined
  for (const each of node.prefix) {
    if (each.type !== 'Assignment' || each.value.type === 'ArrayValue') continue
    state.vars.set(each.name, expand.value(each.value, state))
    state.exported.add(each.name)
  }
  const words = node.args.flatMap(arg => (arg.type === 'Word' ? expand.words([arg], state) : []))
  const text = make(
    words.map(word => word.text ?? word.template ?? UNKNOWN_MARK),
    state,
    stdin,
  )
  return text !== undefined && text.length <= MAX_OUTPUT ? text : undefined
}

/** What `kustomize build` prints of the folder that it is given. */
function built(state: State, args: readonly string[]): string | undefined {
  const { words } = parseFlags(
    args.map(text => ({ text, from: 0, to: 0, raw: text })),
    KUSTOMIZE_FLAGS,
  )
  return builtText(filesOf(state), words[0]?.text ?? '.')
}

const filesOf = (state: State) => ({ read: (path: string) => state.read(path), budget: state.session.budget })

/** A text in which variables of the environment are replaced, as envsubst does it. */
function substituted(text: string | undefined, state: State): string | undefined {
  const env = state.env()
  const unknown = state.unknownEnv()
  return text?.replace(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? ''
    return unknown.has(name) ? UNKNOWN_MARK : (env[name] ?? UNKNOWN_MARK)
  })
}

type Output = (args: readonly string[], state: State, stdin: Stdin | undefined) => string | undefined

const OUTPUTS: Readonly<Record<string, Output>> = Object.assign(Object.create(null), {
  echo: (args: readonly string[]) => {
    const first = args.findIndex(arg => !/^-[neE]+$/.test(arg))
    const text = args.slice(first < 0 ? args.length : first).join(' ')
    return `${args.slice(0, Math.max(first, 0)).some(arg => arg.includes('e')) ? unescaped(text) : text}\n`
  },
  printf: (args: readonly string[]) => printed(args),
  cat: (args: readonly string[], state: State, stdin: Stdin | undefined) => {
    const files = args.filter(arg => !/^-./.test(arg))
    const texts = (files.length ? files : ['-']).map(file => (file === '-' ? stdin?.() : state.read(file)))
    const length = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0)
    return texts.includes(undefined) || length > MAX_OUTPUT ? undefined : texts.join('')
  },
  which: (args: readonly string[]) => args.at(-1),
  command: (args: readonly string[]) => (args[0] === '-v' ? args[1] : undefined),
  tee: (_: readonly string[], _state: State, stdin: Stdin | undefined) => stdin?.(),
  kustomize: ([verb, ...args]: readonly string[], state: State) =>
    verb === 'build' ? built(state, args) : undefined,
  kubectl: (args: readonly string[], state: State) => kubectlOutput(args, filesOf(state)),
  envsubst: (args: readonly string[], state: State, stdin: Stdin | undefined) =>
    args.length === 0 ? substituted(stdin?.(), state) : undefined,
  hostname: (args: readonly string[], state: State) => (args.length ? undefined : state.host),
  uname: (args: readonly string[], state: State) => (args.join() === '-n' ? state.host : undefined),
  pwd: (_: readonly string[], state: State) => state.cwd,
  basename: ([path = '', suffix = '']: readonly string[]) => {
    const base = path.replace(/\/+$/, '').split('/').at(-1) ?? ''
    return suffix !== '' && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base
  },
  dirname: ([path = '']: readonly string[]) =>
    path.startsWith('/')
      ? normalized(`${path}/..`)
      : path.includes('/')
        ? path.replace(/\/[^/]*\/*$/, '')
        : '.',
  seq: (args: readonly string[]) => {
    const [from, to] = args.length === 1 ? [1, Number(args[0])] : [Number(args[0]), Number(args[1])]
    if (args.length > 2 || !Number.isInteger(from) || !Number.isInteger(to) || to - from >= MAX_WORDS)
      return undefined
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at).join('\n')
  },
})

/** `printf`, with `%s` and `%d` only. The format is used again until there are no more arguments. */
function printed(args: readonly string[]): string | undefined {
  const [format = '', ...values] = args[0] === '--' ? args.slice(1) : args
  const places = format.match(/%[sdi]/g)?.length ?? 0
  if (/%(?![sdi%])/.test(format) || format.includes(UNKNOWN_MARK)) return undefined
  let left = [...values]
  let text = ''
  do {
    text += unescaped(format).replace(/%([sdi%])/g, (_, kind: string) => {
      if (kind === '%') return '%'
      const [next = '', ...rest] = left
      left = rest
      return next
    })
  } while (places > 0 && left.length > 0 && text.length <= MAX_OUTPUT)
  return text
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  "'": "'",
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (whole, letter: string) => ESCAPES[letter] ?? whole)
}
