import { UNKNOWN_MARK } from '../../../unknown.ts'
import { parseFlags } from '../../support/index.ts'
import type { Word } from '../../tool.ts'
import { kindOf } from '../kinds.ts'
import { builtText, type Files, manifestText } from '../kustomization.ts'
import { createdBy } from './create.ts'
import { FLAGS } from './flags.ts'

/**
 * What kubectl prints, as far as a later `kubectl apply -f -` looks at it: `kustomize FOLDER`,
 * `create … --dry-run=client -o yaml` and `get TYPE NAME -o yaml`.
 */
export function kubectlOutput(args: readonly string[], files: Files): string | undefined {
  const flags = parseFlags(args.map(wordOf), FLAGS)
  const [verb, ...words] = flags.words
  if (verb?.text === 'kustomize')
    return words[0] && !words[0].text ? undefined : builtText(files, words[0]?.text ?? '.')
  if (!/^(yaml|json)$/.test(flags.value('output')?.text ?? '')) return undefined
  const namespace = flags.value('namespace')
  if (namespace && namespace.text === undefined) return undefined
  const made = verb?.text === 'get' ? gotten(words) : flags.has('dry-run') ? madeBy(verb, words) : undefined
  if (made?.name?.text === undefined) return undefined
  return manifestText({ kind: made.kind, name: made.name.text, namespace: namespace?.text })
}

const wordOf = (text: string): Word => ({
  text: text.includes(UNKNOWN_MARK) ? undefined : text,
  template: text,
  start: text.split(UNKNOWN_MARK)[0],
  from: 0,
  to: 0,
  raw: text,
})

function madeBy(verb: Word | undefined, words: readonly Word[]) {
  if (verb?.text === 'run') return { kind: 'pod', name: words[0] }
  return verb?.text === 'create' ? createdBy(words) : undefined
}

/** `get deploy web` and `get deploy/web`, of one resource. */
function gotten([first, second, ...more]: readonly Word[]) {
  if (first?.text === undefined || first.text.includes(',') || more.length > 0) return undefined
  const [type = '', name] = first.text.split('/')
  if (name === undefined) return second && { kind: kindOf(type), name: second }
  return second ? undefined : { kind: kindOf(type), name: { ...first, text: name } }
}
