import { listAt, readYaml, textAt } from '../../yaml/index.ts'
import { type Flags, type FlagTable, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { type Cluster, clusterOf, scopeBy } from './cluster.ts'
import { resourceLabel } from './kinds.ts'
import { manifestsOf } from './manifests.ts'
import { dryness, found, plain, type Target, targetOf, targetsIn, UNKNOWN, unsure } from './targets.ts'

const FLAGS: FlagTable = {
  values:
    `--server|--auth-token|--argocd-context|--config|--controller-name|-H --header|--http-retry-max|--kube-context
--logformat|--loglevel|--port-forward-namespace|--redis-name|--redis-haproxy-name|--repo-server-name|--server-crt|--server-name
--client-crt|--client-crt-key|--redis-compress|--prompts-enabled|-N --app-namespace|--revision|--resource|-l --selector|--label
--timeout|--retry-limit|--retry-backoff-duration|--retry-backoff-factor|--retry-backoff-max-duration|--local|--local-repo-root
--strategy|--project|-p --parameter|--repo|--path|--dest-server|--dest-namespace|--dest-name|--sync-policy|--sync-option
--helm-set|--helm-set-string|--helm-set-file|--helm-chart|--helm-version|--values|--values-literal-file|--release-name|--kind|--resource-name
--namespace|--group|--patch|--patch-type|-f --file|--propagation-policy|-o --output|--kustomize-image|--kustomize-namespace
--kustomize-replica|--kustomize-version|--nameprefix|--namesuffix|--env|--source-position|--source-positions|--source-name|--source-names
--revisions|--username|--password|--health|--apps|--name|--app-project|--jsonnet-tla-str|--jsonnet-ext-var-str|--plugin-env
--config-management-plugin|--ref|--info|--server-side|-i --id|--current-password|--new-password|--account|--expires-in|-e --expires
--ssh-private-key-path|--tls-client-cert-path|--tls-client-cert-key-path|--github-app-id|--github-app-installation-id
--github-app-private-key-path|--gcp-service-account-key-path|--proxy|--no-proxy|--type|--from|--service-account|--shard
--bearer-token|--aws-cluster-name|--aws-role-arn|--cluster-endpoint|--annotation|--description|-d --dest|-s --src
--kubeconfig|--action|--resource-api-version`.split(/[|\n]/),
  switches: ['-h --help', '-y --yes'],
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

const NAMESPACE = 'argocd'
const APPS = words('app apps application applications')
/** What changes an application. */
const APP_CHANGES = words(`
  add-source confirm-deletion create delete delete-resource edit patch patch-resource remove-source rollback set sync
  terminate-op unset`)
/** Of these, the verbs that take several names. The others take settings or an id after the name. */
const TAKES_NAMES = words('sync delete')
const APP_READS = words('diff get get-resource history list logs manifests resources wait')
/** The kinds of a group whose things have a name. */
const NAMED: Readonly<Record<string, string>> = {
  appset: 'applicationset',
  proj: 'appproject',
  project: 'appproject',
}
/** Groups that hold settings of Argo CD itself. */
const SETTINGS = words('account admin appset cert cluster gpg proj project repo repocreds')
/** What reads in these groups. */
const READING = words(`
  can-i dashboard diff-reconcile-results export generate generate-allow-list generate-spec get get-appsource
  get-reconcile-results get-user-info info initial-password kubeconfig list namespaces notifications rbac settings shards
  stats template trigger validate`)
/** Verbs that change only settings of this machine, or print something. */
const LOCAL = words('completion configure context help login logout relogin version')

/** Argo CD's command, by its reference of version 3.0. An application is claimed as a service. */
export const argocd: Tool = { names: ['argocd'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [group, verb, ...names] = flags.words
  if (group === undefined || flags.has('help', 'h')) return []
  const name = group.text ?? 'unknown'
  if (LOCAL.has(name)) return []
  const isKnown = APPS.has(name) || SETTINGS.has(name)
  if (!isKnown || (verb && verb.text === undefined)) return [plain(call, name, 'unknown', group, verb)]
  const dry = dryness(flags)
  if (verb?.text === undefined || dry === 'reads') return []
  const of: Verb = { call, group, verb: verb.text, at: verb, names, flags, cluster: placeOf(call, flags) }
  const all = APPS.has(name) ? ofApp(of) : ofSetting(of)
  return dry === 'unknown' ? unsure(all) : all
}

interface Verb {
  readonly call: Call
  readonly group: Word
  readonly verb: string
  readonly at: Word
  readonly names: readonly Word[]
  readonly flags: Flags
  readonly cluster: Cluster
}

/**
 * An application's own namespace is Argo CD's, unless the name or a flag says it. The scope is that of Argo CD's
 * server; only with `--core` it is that of the kubeconfig.
 */
function placeOf(call: Call, flags: Flags): Cluster {
  const own = flags.value('app-namespace')
  const namespace = own ? own.text : NAMESPACE
  if (flags.has('core', 'kube-context'))
    return { ...clusterOf(call, flags, { context: 'kube-context', kubeconfig: 'kubeconfig' }), namespace }
  return { namespace, ...serverOf(call, flags) }
}

function serverOf(call: Call, flags: Flags): Pick<Cluster, 'scope' | 'note'> {
  const server = flags.value('server')
  if (server) return scopeBy(call, server.text, server.text)
  const { env, unknownEnv, context } = call
  const set = env['ARGOCD_SERVER']
  if (set || unknownEnv.has('ARGOCD_SERVER')) return scopeBy(call, set, set)
  const folder = env['ARGOCD_CONFIG_DIR'] ?? `${env['XDG_CONFIG_HOME'] ?? `${context.home}/.config`}/argocd`
  const given = flags.value('config')
  const text = given && given.text === undefined ? undefined : call.read(given?.text ?? `${folder}/config`)
  if (text === undefined) return { scope: undefined, note: undefined }
  const [config] = readYaml(text, call.budget)
  const name = flags.has('argocd-context')
    ? flags.value('argocd-context')?.text
    : textAt(config, 'current-context')
  const found = listAt(config, 'contexts').find(each => name !== undefined && textAt(each, 'name') === name)
  return scopeBy(call, textAt(found, 'server'), name)
}

const say = (of: Verb, verb: string, targets: readonly Target[]) =>
  found(of.call, verb, targets, of.cluster, [of.group, of.at])

function ofApp(of: Verb): readonly Found[] {
  const { call, verb, names, flags, group, at, cluster } = of
  const [first, ...more] = names
  if (verb === 'actions') {
    if (first?.text !== 'run') return []
    return say(of, 'app actions run', targetsOf(more.slice(0, 1), 'application', cluster))
  }
  if (APP_READS.has(verb)) return [plain(call, `app ${verb}`, 'reads', group, at)]
  if (!APP_CHANGES.has(verb)) return [plain(call, `app ${verb}`, 'unknown', group, at)]
  const files = flags.values('file')
  if (verb === 'create' && files.length > 0)
    return say(of, 'app create', targetsIn(manifestsOf(call, files, []), cluster))
  const named = names.length === 0 && verb === 'create' ? flags.values('name').slice(-1) : names
  const apps = TAKES_NAMES.has(verb) ? named : named.slice(0, 1)
  return say(of, `app ${verb}`, flags.has('selector') ? [UNKNOWN] : targetsOf(apps, 'application', cluster))
}

/** Projects and sets of applications have a label; other settings have none. */
function ofSetting(of: Verb): readonly Found[] {
  const { call, verb, names, flags, group, at, cluster } = of
  const name = group.text as string
  if (READING.has(verb)) return [plain(call, `${name} ${verb}`, 'reads', group, at)]
  const [first, second, ...more] = names
  // `proj role add-policy PROJECT ROLE`, `admin app generate-spec`
  const isNested = ['role', 'windows', 'app', 'cluster', 'proj', 'repo', 'redis-initial-password'].includes(
    verb,
  )
  const told = isNested && first?.text ? `${name} ${verb} ${first.text}` : `${name} ${verb}`
  if (isNested && (first === undefined || READING.has(first.text ?? ''))) return []
  if (verb === 'create' && name === 'appset')
    return say(of, told, targetsIn(manifestsOf(call, names, []), cluster))
  const kind = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined
  if (kind === undefined || flags.has('file')) return say(of, told, [UNKNOWN])
  const things = isNested
    ? [second]
    : verb === 'delete' && name === 'appset'
      ? [first, second, ...more]
      : [first]
  return say(
    of,
    told,
    targetsOf(
      things.filter(thing => thing !== undefined),
      kind,
      cluster,
    ),
  )
}

/** `NAME` or `NAMESPACE/NAME`. */
function targetsOf(names: readonly Word[], kind: string, cluster: Cluster): readonly Target[] {
  if (names.length === 0) return [UNKNOWN]
  return names.map(at => {
    const [first, second, ...more] = at.text?.split('/') ?? []
    const place = second === undefined ? cluster : { ...cluster, namespace: first }
    return targetOf(more.length > 0 ? undefined : resourceLabel(kind, second ?? first, place), at)
  })
}
