import { type Flags, type FlagTable, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { joinPath } from './paths.ts'
import { stackLabel, verbOf } from './terraform.ts'

const FLAGS: FlagTable = {
  singleDash: true,
  values: `--terragrunt-working-dir --working-dir --terragrunt-config --config --terragrunt-source --source
--terragrunt-source-map --source-map --terragrunt-iam-role --terragrunt-iam-assume-role-duration --iam-assume-role
--iam-assume-role-duration --iam-assume-role-session-name --iam-assume-role-web-identity-token --terragrunt-include-dir
--queue-include-dir --terragrunt-exclude-dir --queue-exclude-dir --queue-excludes-file --queue-construct-as --as
--queue-include-units-reading --units-that-include --terragrunt-modules-that-include --terragrunt-queue-include-units-reading
--terragrunt-parallelism --parallelism --terragrunt-download-dir --download-dir --terragrunt-log-level --log-level
--terragrunt-log-format --log-format --log-custom-format --log-disable-values --filter --filters-file --tf-path
--terragrunt-tfpath --terragrunt-auth-provider-cmd --auth-provider-cmd --feature --experiment --strict-control --graph-root
--terragrunt-graph-root --out-dir --json-out-dir --report-file --report-format --report-schema-file --inputs
--provider-cache-dir --provider-cache-hostname --provider-cache-port --provider-cache-token --override-attr
-var -var-file -target -exclude -out -lock-timeout -backend-config -replace -state -state-out -backup -parallelism
-chdir`.split(/\s+/),
  switches: ['-a --all', '-h --help', '-v --version'],
}
/** Commands of Terragrunt itself that change nothing that others share. */
const OWN: ReadonlySet<string> = new Set(
  `aws-provider-patch browse catalog dag find graph-dependencies hcl hclfmt hclvalidate help info list
   output-module-groups render render-json scaffold terragrunt-info validate-inputs`.split(/\s+/),
)
/** What is done to the place where the state is kept. */
const BACKEND: ReadonlySet<string> = new Set(['bootstrap', 'delete', 'migrate'])

/** Terragrunt: it runs Terraform in a folder, or in all folders below it. By the reference of version 1. */
export const terragrunt: Tool = { names: ['terragrunt'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const rest = parseFlags(flags.rest ?? [], FLAGS)
  const words = [...flags.words, ...rest.words]
  if (words.length === 0 || [flags, rest].some(each => each.has('help', 'version'))) return []
  if (words[0]?.text === 'exec') return call.innerArgs(flags.rest ?? flags.words.slice(1))
  const { verb, sub, isAll } = commandIn(words, flags.has('all', 'graph'))
  if (verb === undefined || OWN.has(verb.text ?? '')) return []
  const isBackend = verb.text === 'backend' && BACKEND.has(sub?.text ?? '')
  const told = isBackend
    ? { verb: `backend ${sub?.text}`, effect: 'changes' as const, sub }
    : verbOf(verb, sub, both(flags, rest, words))
  if (!told) return []
  const at = span(call.word, words[0], verb, told.sub)
  if (told.effect !== 'changes')
    return [{ label: undefined, verb: told.verb, effect: told.effect, target: 'unknown', words: at }]
  const label = labelIn(call, flags)
  const target = isAll ? 'all' : label ? 'exact' : 'unknown'
  return [{ label, verb: told.verb, effect: 'changes', target, words: at }]
}

/** The flags before and after `--`, as one. */
function both(flags: Flags, rest: Flags, words: readonly Word[]): Flags {
  return { ...flags, words, has: (...names) => flags.has(...names) || rest.has(...names) }
}

/** `run-all apply`, `run --all apply`, `apply-all` and `stack run apply` act on all folders below. */
function commandIn(words: readonly Word[], all: boolean) {
  const [first, second, third, fourth] = words
  const name = first?.text
  if (name === 'run-all' || name === 'graph') return { verb: second, sub: third, isAll: true }
  if (name === 'run') return { verb: second, sub: third, isAll: all }
  if (name === 'stack') return { verb: second?.text === 'run' ? third : undefined, sub: fourth, isAll: true }
  const older = /^(apply|destroy|output|plan|validate)-all$/.exec(name ?? '')?.[1]
  return older && first
    ? { verb: { ...first, text: older }, sub: second, isAll: true }
    : { verb: first, sub: second, isAll: all }
}

/** The folder is the working directory that a flag or a variable names, or that of the configuration's file. */
function labelIn(call: Call, flags: Flags): string | undefined {
  const named = flags.value('terragrunt-working-dir') ?? flags.value('working-dir')
  if (named) return stackLabel(call, named)
  const { env, unknownEnv, word } = call
  for (const name of ['TG_WORKING_DIR', 'TERRAGRUNT_WORKING_DIR']) {
    if (unknownEnv.has(name)) return undefined
    if (env[name]) return stackLabel(call, { ...word, text: env[name] })
  }
  const file = flags.value('terragrunt-config') ?? flags.value('config')
  return stackLabel(call, file && { ...file, text: file.text && joinPath(call.cwd, `${file.text}/..`) })
}
