import { parseFlags, span } from '../support/index.ts'
import type { Call, Found, Tool } from '../tool.ts'

/** kustomize prints manifests or edits files of this machine, so it changes nothing that others share. */
export const kustomize: Tool = { names: ['kustomize'], effects }

function effects(call: Call): readonly Found[] {
  const [verb] = parseFlags(call.args, {}).words
  if (verb?.text !== 'build') return []
  const words = span(call.word, verb)
  return [{ label: undefined, verb: 'build', effect: 'reads', target: 'unknown', words }]
}
