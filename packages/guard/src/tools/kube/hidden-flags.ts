import { type FlagTable, parseFlags } from '../support/index.ts'
import type { Word } from '../tool.ts'

/** A variable that isn't quoted, or all elements of an array. */
const VARIABLE = /^(\$\w+|\$\{\w+\}|"?\$\{\w+\[@\]\}"?)$/

/**
 * `kubectl $FLAGS delete …`: an unknown variable before a verb holds flags. They may name another cluster, so it counts
 * as a `--context` that isn't known.
 */
export function withHiddenFlags(
  args: readonly Word[],
  table: FlagTable,
  { isVerb, context }: { readonly isVerb: (name: string) => boolean; readonly context: string },
): readonly Word[] {
  const [first, second] = parseFlags(args, table).words
  if (first?.text !== undefined || !first || !VARIABLE.test(first.raw) || !isVerb(second?.text ?? ''))
    return args
  const { from, to, raw } = first
  return args.map(word => (word === first ? { text: undefined, start: `${context}=`, from, to, raw } : word))
}
