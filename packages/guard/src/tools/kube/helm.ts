import { type Flags, type FlagTable, namespaced, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { clusterOf } from './cluster.ts'
import { found, UNKNOWN } from './targets.ts'

const FLAGS: FlagTable = {
  values:
    `-n --namespace|--kube-context|--kubeconfig|--kube-apiserver|--kube-as-group|--kube-as-user|--kube-ca-file
--kube-tls-server-name|--kube-token|--burst-limit|--qps|--registry-config|--repository-cache|--repository-config
-f --values|--set|--set-string|--set-file|--set-json|--set-literal|--version|--timeout|--description|--repo|--username
--password|--ca-file|--cert-file|--key-file|--keyring|--name-template|-o --output|--post-renderer|--post-renderer-args
-l --labels|--history-max|--cascade|--revision|--max|--filter|--offset|-d --destination|--app-version|-p --starter
--selector|--environment|--state-values-set|--helm-binary|--chart`.split(/[|\n]/),
  switches: ['-g --generate-name', '-i --install', '-h --help', '-a --atomic'],
}

const PLACE = {
  namespace: 'namespace',
  context: 'kube-context',
  kubeconfig: 'kubeconfig',
  server: 'kube-apiserver',
  variables: { namespace: 'HELM_NAMESPACE', context: 'HELM_KUBECONTEXT' },
}

const READING: ReadonlySet<string> = new Set(
  'diff get history hist lint list ls search show inspect status template verify version'.split(' '),
)
const LOCAL: ReadonlySet<string> = new Set(
  `completion create dependency dep env help package plugin pull fetch push registry repo schema unittest docs`.split(
    /\s+/,
  ),
)
/** The verbs that change a release, by each of their names. */
const CHANGES: Readonly<Record<string, string>> = {
  install: 'install',
  upgrade: 'upgrade',
  uninstall: 'uninstall',
  delete: 'uninstall',
  del: 'uninstall',
  un: 'uninstall',
  rollback: 'rollback',
  test: 'test',
}

/** Helm, by the reference of its commands of version 3.18. A release is claimed as the service of its name. */
export const helm: Tool = { names: ['helm'], effects: call => effects(call, call.args) }

function effects(call: Call, args: readonly Word[]): readonly Found[] {
  const flags = parseFlags(args, FLAGS)
  const [verb, ...words] = flags.words
  if (verb === undefined || flags.has('help', 'h')) return []
  const name = verb.text ?? 'unknown'
  // The plugin decrypts files for the command after it.
  if (name === 'secrets' && words[0]?.text !== undefined && Object.hasOwn(CHANGES, words[0].text))
    return effects(
      call,
      args.filter(word => word !== verb),
    )
  const told = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined
  const plain = { label: undefined, target: 'unknown', words: span(call.word, verb) } as const
  if (READING.has(name)) return [{ ...plain, verb: name, effect: 'reads' }]
  if (LOCAL.has(name)) return []
  if (told === undefined) return [{ ...plain, verb: name, effect: 'unknown' }]
  return dries(flags) ? [] : changes(call, told, verb, words, flags)
}

/** `--dry-run` alone or with `client` or `server` changes nothing. */
function dries(flags: Flags): boolean {
  return flags.has('dry-run') && !/^(none|false)$/.test(flags.value('dry-run')?.text ?? '')
}

function changes(
  call: Call,
  verb: string,
  word: Word,
  words: readonly Word[],
  flags: Flags,
): readonly Found[] {
  const cluster = clusterOf(call, flags, PLACE)
  // Helm makes up a name, which nobody else can hold yet.
  const isNamed = !(verb === 'install' && (flags.has('generate-name') || flags.has('name-template')))
  const releases = verb === 'uninstall' ? words : words.slice(0, 1)
  if (!isNamed || releases.length === 0) return found(call, verb, [UNKNOWN], cluster, [word])
  const targets = releases.map(at => {
    const label = namespaced('service', cluster.namespace, at.text, cluster.scope)
    return label === undefined ? { ...UNKNOWN, at } : ({ label, target: 'exact', at } as const)
  })
  return found(call, verb, targets, cluster, [word])
}
