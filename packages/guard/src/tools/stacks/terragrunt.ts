import { type FlagTable, parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool, Word } from '../tool.ts'
import { stackLabel, verbOf } from './terraform.ts'

const FLAGS: FlagTable = {
  singleDash: true,
  values: `--terragrunt-working-dir --working-dir --terragrunt-config --config --terragrunt-source --source
--terragrunt-iam-role --iam-assume-role --terragrunt-include-dir --queue-include-dir --terragrunt-exclude-dir
--queue-exclude-dir --terragrunt-parallelism --parallelism --terragrunt-download-dir --download-dir --terragrunt-log-level
--log-level --log-format --filter --tf-path --terragrunt-tfpath -var -var-file -target -out -lock-timeout -backend-config
-replace -state -chdir`.split(/\s+/),
  switches: ['-a --all'],
}
/** Commands of Terragrunt itself that change nothing that others share. */
const OWN: ReadonlySet<string> = new Set(
  `catalog dag exec find graph-dependencies hcl hclfmt hclvalidate info list output-module-groups render render-json
   scaffold terragrunt-info validate-inputs help`.split(/\s+/),
)

/** Terragrunt: it runs Terraform in a folder, or in all folders below it. */
export const terragrunt: Tool = { names: ['terragrunt'], effects }

function effects(call: Call): readonly Found[] {
  const flags = parseFlags(call.args, FLAGS)
  const words = [...flags.words, ...(flags.rest ?? [])]
  if (words.length === 0 || flags.has('help', 'h', 'version')) return []
  const { verb, sub, isAll } = commandIn(words, flags.has('all'))
  if (verb === undefined || OWN.has(verb.text ?? '')) return []
  const told = verbOf(verb, sub, flags)
  if (!told) return []
  const at = span(call.word, words[0], verb, told.sub)
  if (told.effect !== 'changes')
    return [{ label: undefined, verb: told.verb, effect: told.effect, target: 'unknown', words: at }]
  const label = stackLabel(call, flags.value('terragrunt-working-dir') ?? flags.value('working-dir'))
  return [
    {
      label,
      verb: told.verb,
      effect: 'changes',
      target: isAll ? 'all' : label ? 'exact' : 'unknown',
      words: at,
    },
  ]
}

/** `run-all apply`, `run --all apply`, `apply-all` and `stack run apply` act on all folders below. */
function commandIn(words: readonly Word[], all: boolean) {
  const [first, second, third, fourth] = words
  const name = first?.text
  if (name === 'run-all') return { verb: second, sub: third, isAll: true }
  if (name === 'run') return { verb: second, sub: third, isAll: all }
  if (name === 'stack') return { verb: second?.text === 'run' ? third : undefined, sub: fourth, isAll: true }
  const older = /^(apply|destroy|output|plan|validate)-all$/.exec(name ?? '')?.[1]
  return older && first
    ? { verb: { ...first, text: older }, sub: second, isAll: true }
    : { verb: first, sub: second, isAll: all }
}
