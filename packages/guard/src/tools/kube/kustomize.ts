import { type FlagTable, parseFlags } from '../support/index.ts'
import type { Call, Found, Tool } from '../tool.ts'
import { plain } from './targets.ts'

/** The flags of `kustomize build` that have a value. */
export const KUSTOMIZE_FLAGS: FlagTable = {
  values:
    `-o --output|-e --env|--load-restrictor|--helm-command|--helm-kube-version|--helm-api-versions|--mount
--network-name|--reorder|--stack-trace-file`.split(/[|\n]/),
}

/** kustomize prints manifests or edits files of this machine, so it changes nothing that others share. */
export const kustomize: Tool = { names: ['kustomize'], effects }

function effects(call: Call): readonly Found[] {
  const [verb] = parseFlags(call.args, KUSTOMIZE_FLAGS).words
  return verb?.text === 'build' ? [plain(call, 'build', 'reads', verb)] : []
}
