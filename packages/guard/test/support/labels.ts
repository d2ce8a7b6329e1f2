import { analyze } from '../../src/index.ts'
import { type ContextOptions, contextOf } from './context.ts'

/** A command that no tool knows, which changes the node that it names. */
export const ACT = { 'act *': 'node:$1' }

/** The labels that a line would change by `act NAME`; `?` for an unknown one. */
export function labels(line: string, options: ContextOptions = {}): readonly string[] {
  const context = contextOf({ ...options, config: { rules: ACT, ...options.config } })
  return analyze(line, context).effects.map(({ label, effect }) => {
    const name = label?.replace(/^node:/, '') ?? '?'
    return effect === 'unknown' ? `unknown ${name}` : name
  })
}
