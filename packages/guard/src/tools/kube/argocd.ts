import { type Flags, type FlagTable, namespaced, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { clusterOf } from './cluster.ts'
import { found, isFalse, UNKNOWN } from './targets.ts'

const FLAGS: FlagTable = {
  values:
    `--server|--auth-token|--argocd-context|--config|--controller-name|-H --header|--http-retry-max|--kube-context
--logformat|--loglevel|--port-forward-namespace|--redis-name|--repo-server-name|--server-crt|--server-name|-N --app-namespace
--revision|--resource|-l --selector|--label|--timeout|--retry-limit|--local|--local-repo-root|--strategy|--project|-p --parameter
--repo|--path|--dest-server|--dest-namespace|--dest-name|--sync-policy|--sync-option|--helm-set|--helm-set-string|--values
--kind|--resource-name|--namespace|--group|--patch|--patch-type|-f --file|--upsert-file|--propagation-policy|-o --output
--kustomize-image|--nameprefix|--namesuffix|--env|--source-position|--revisions|--source-positions|--username|--password
--health|--apps`.split(/[|\n]/),
  switches: ['-h --help', '-y --yes'],
}

/** What changes an application. An application's own namespace is argocd's, unless the name or a flag says it. */
const CHANGES: ReadonlySet<string> = new Set(
  'create delete delete-resource edit patch patch-resource rollback set sync terminate-op unset'.split(' '),
)
const GROUPS: Readonly<Record<string, string>> = { app: 'app', apps: 'app', application: 'app' }
const NAMESPACE = 'argocd'
/** Groups whose commands that change something concern settings of Argo CD itself. */
const SETTINGS: ReadonlySet<string> = new Set(
  'appset cert cluster gpgkey proj project repo repocreds account'.split(' '),
)
const SETTING: ReadonlySet<string> = new Set(
  `add create delete rm remove set edit patch update rotate-auth add-source remove-source add-destination
   remove-destination update-password generate-token delete-token`.split(/\s+/),
)

/** Argo CD's command, by its reference of version 3.0. An application is claimed as a service. */
export const argocd: Tool = { names: ['argocd'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [group, verb, ...names] = flags.words
  if (group?.text === undefined || flags.has('help', 'h')) return []
  const cluster = clusterOf(call, flags, { context: 'kube-context' })
  const told = verb?.text
  if (Object.hasOwn(GROUPS, group.text)) {
    if (told === undefined || !CHANGES.has(told) || dries(flags)) return []
    const targets =
      flags.has('selector') || names.length === 0 ? [UNKNOWN] : targetsOf(told, names, flags, cluster.scope)
    return found(call, `app ${told}`, targets, { note: undefined }, verb ? [group, verb] : [group])
  }
  if (!SETTINGS.has(group.text) || told === undefined || !SETTING.has(told) || dries(flags)) return []
  const words = span(call.word, group, verb)
  return [{ label: undefined, verb: `${group.text} ${told}`, effect: 'changes', target: 'unknown', words }]
}

const dries = (flags: Flags) => flags.has('dry-run') && !isFalse(flags, 'dry-run')

function targetsOf(verb: string, names: readonly Word[], flags: Flags, scope: string | undefined) {
  const namespace = flags.has('app-namespace') ? flags.value('app-namespace')?.text : NAMESPACE
  // Several verbs take settings or an id after the name.
  const apps = ['sync', 'delete'].includes(verb) ? names : names.slice(0, 1)
  return apps.map(at => {
    const [first, second, ...more] = at.text?.split('/') ?? []
    const label =
      more.length > 0 ? undefined : namespaced('service', second ? first : namespace, second ?? first, scope)
    return label === undefined ? { ...UNKNOWN, at } : ({ label, target: 'exact', at } as const)
  })
}
