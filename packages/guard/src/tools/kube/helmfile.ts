import { listAt, readYaml, textAt, type Yaml } from '../../yaml/index.ts'
import { type Flags, type FlagTable, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool } from '../tool.ts'
import { type Cluster, clusterOf } from './cluster.ts'
import { resourceLabel } from './kinds.ts'
import { found, plain, type Target, targetOf, UNKNOWN } from './targets.ts'

const FLAGS: FlagTable = {
  values:
    `-f --file|-e --environment|-l --selector|-n --namespace|--kube-context|--kubeconfig|-b --helm-binary|-k --kustomize-binary
--chart|--args|--set|--state-values-set|--state-values-set-string|--state-values-file|--values|--log-level|--concurrency|--context
-c|--output|--output-dir|--output-dir-template|--post-renderer|--post-renderer-args|--suppress|--timeout|--retain-values-files
--cascade|--deleteTimeout|--max-history|--sync-args|--diff-args|--template-args|--reset-values`.split(
      /[|\n]/,
    ),
  switches: ['-h --help', '-q --quiet'],
}
const PLACE = {
  context: 'kube-context',
  kubeconfig: 'kubeconfig',
  variables: { namespace: 'HELM_NAMESPACE', context: 'HELM_KUBECONTEXT' },
}
const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const CHANGES = words('apply charts delete destroy sync test')
const READS = words(
  'build cache completion deps diff fetch help init lint list print-env repos show-dag status template unittest version write-values',
)
const NAMES = ['helmfile.yaml', 'helmfile.yaml.gotmpl', 'helmfile.yml']

/** helmfile, by the reference of its commands of version 1. Its file names the releases. */
export const helmfile: Tool = { names: ['helmfile'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const [verb] = flags.words
  if (verb === undefined || flags.has('help', 'h')) return []
  const name = verb.text ?? 'unknown'
  if (READS.has(name)) return [plain(call, name, 'reads', verb)]
  if (!CHANGES.has(name)) return [plain(call, name, 'unknown', verb)]
  const cluster = clusterOf(call, flags, PLACE)
  return found(call, name, targetsOf(call, flags, cluster), cluster, [verb])
}

/** The releases of the file, or of those the one that a selector names. */
function targetsOf(call: Call, flags: Flags, cluster: Cluster): readonly Target[] {
  const file = flags.value('file')
  const paths = file ? [file.text] : NAMES
  const text = paths
    .map(path => (path === undefined ? undefined : call.read(path)))
    .find(each => each !== undefined)
  const [content] = text === undefined ? [] : readYaml(text, call.budget)
  const selectors = flags
    .values('selector')
    .map(({ text: selector }) => /^name=([\w.-]+)$/.exec(selector ?? '')?.[1])
  const releases = listAt(content, 'releases').filter(
    each => selectors.length === 0 || selectors.includes(textAt(each, 'name') ?? ''),
  )
  if (releases.length === 0 || selectors.includes(undefined)) return [UNKNOWN]
  const given = flags.value('namespace')
  return releases.map((each: Yaml) => {
    const namespace = given ? given.text : (textAt(each, 'namespace') ?? cluster.namespace)
    return targetOf(resourceLabel('service', textAt(each, 'name'), { ...cluster, namespace }), undefined)
  })
}
