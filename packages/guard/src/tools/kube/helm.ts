import { type Flags, type FlagTable, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { clusterOf } from './cluster.ts'
import { withHiddenFlags } from './hidden-flags.ts'
import { resourceLabel } from './kinds.ts'
import { dryness, found, plain, targetOf, UNKNOWN, unsure } from './targets.ts'

const FLAGS: FlagTable = {
  values:
    `-n --namespace|--kube-context|--kubeconfig|--kube-apiserver|--kube-as-group|--kube-as-user|--kube-ca-file
--kube-tls-server-name|--kube-token|--burst-limit|--qps|--registry-config|--repository-cache|--repository-config
-f --values|--set|--set-string|--set-file|--set-json|--set-literal|--version|--timeout|--description|--repo|--username
--password|--ca-file|--cert-file|--key-file|--keyring|--name-template|--name|-o --output|--post-renderer|--post-renderer-args
-l --labels|--history-max|--revision|--max|--filter|--offset|-d --destination|--app-version|-p --starter|--api-versions
--kube-version|--content-cache|--color|--colour|--selector|--key|--passphrase-file|--tiller-namespace|--storage-driver
--mapfile|--chart|-b --backend|--sort`.split(/[|\n]/),
  switches: ['-g --generate-name', '-i --install', '-h --help'],
}

const PLACE = {
  namespace: 'namespace',
  context: 'kube-context',
  kubeconfig: 'kubeconfig',
  server: 'kube-apiserver',
  variables: { namespace: 'HELM_NAMESPACE', context: 'HELM_KUBECONTEXT' },
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Verbs that read, and plugins that do. */
const READING = words(`
  dashboard diff drift get hist history inspect lint list ls outdated show search status template trivy verify version whatup`)
/** Verbs that change only files, settings or archives of charts. */
const LOCAL = words(`
  chartsnap completion create dep dependency docs env fetch git help images package plugin plugins pull readme
  registry repo schema schema-gen unittest values-schema`)
/** Verbs and plugins that write a chart into a repository, which others share. It has no label. */
const PUSHING = words('cm-push push push-artifactory')
const BUCKETS = words('gcs s3')
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
  // A plugin that rewrites the stored release.
  mapkubeapis: 'mapkubeapis',
}
/** Plugins that run the verb after them: `helm secrets upgrade …`. */
const WRAPPERS = words('secrets tiller x')
/** The verbs whose first word is the release's name even if Helm can make one up. */
const IS_FIRST = words('upgrade rollback test mapkubeapis')

/** Helm, by the reference of its commands of version 3.18. A release is claimed as the service of its name. */
export const helm: Tool = { names: ['helm', 'helm3'], effects: call => effects(call, call.args) }

function effects(call: Call, given: readonly Word[]): readonly Found[] {
  const args = withHiddenFlags(given, FLAGS, { isVerb, context: '--kube-context' })
  const flags = parseFlags(args, FLAGS)
  const [verb, ...more] = flags.words
  if (verb === undefined || flags.has('help', 'h')) return []
  const name = verb.text ?? 'unknown'
  if (WRAPPERS.has(name)) {
    const inner = more.find(word => word.text !== undefined && Object.hasOwn(CHANGES, word.text))
    if (!inner) return []
    const before = more.slice(0, more.indexOf(inner))
    return effects(
      call,
      args.filter(word => word !== verb && !before.includes(word)),
    )
  }
  if (READING.has(name)) return [plain(call, name, 'reads', verb)]
  if (LOCAL.has(name)) return []
  if (BUCKETS.has(name) && !/^(push|delete|rm)$/.test(more[0]?.text ?? '')) return []
  if (PUSHING.has(name) || BUCKETS.has(name)) return found(call, name, [UNKNOWN], { note: undefined }, [verb])
  const told = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined
  if (told === undefined) return [plain(call, name, 'unknown', verb)]
  const dry = dryness(flags)
  if (dry === 'reads') return []
  const all = changes(call, told, verb, more, flags)
  return dry === 'unknown' ? unsure(all) : all
}

const isVerb = (word: string) => READING.has(word) || LOCAL.has(word) || Object.hasOwn(CHANGES, word)

function changes(
  call: Call,
  verb: string,
  word: Word,
  names: readonly Word[],
  flags: Flags,
): readonly Found[] {
  const cluster = clusterOf(call, flags, PLACE)
  const releases = releasesOf(verb, names, flags)
  if (releases.length === 0) return found(call, verb, [UNKNOWN], cluster, [word])
  const targets = releases.map(at => targetOf(resourceLabel('service', at.text, cluster), at))
  return found(call, verb, targets, cluster, [word])
}

function releasesOf(verb: string, names: readonly Word[], flags: Flags): readonly Word[] {
  if (verb === 'uninstall') return names
  if (IS_FIRST.has(verb)) return names.slice(0, 1)
  // Version 2 took the name as a flag.
  const named = flags.value('name')
  if (named) return [named]
  // `install CHART` alone, and a name that Helm makes up, which nobody else can hold yet.
  const isMadeUp = flags.has('generate-name', 'name-template') || names.length < 2
  return isMadeUp ? [] : names.slice(0, 1)
}
