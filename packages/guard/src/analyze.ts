import { parse } from 'unbash'
import { budgetOf } from './budget.ts'
import type { GuardContext } from './context.ts'
import type { Analysis, Effect } from './effect.ts'
import type { Found } from './tools/tool.ts'
import { runWords } from './walk/dispatch.ts'
import { type Session, State } from './walk/state.ts'
import { runBody, runScript } from './walk/walk.ts'

/** One analysis stops after this many milliseconds. */
const BUDGET_MS = 200
/** Shorter texts are parsed as a whole, whatever they contain. */
const MAX_SHORT = 16 * 1024
/** The parser can't be interrupted: of a longer line with many commands only the beginning is read. */
const MAX_DENSE = 96 * 1024
/** Characters that begin or separate commands, of which a line may have this many to be read as a whole. */
const MAX_SEPARATORS = 20_000
const HEREDOC_WEIGHT = 40
/** More effects aren't listed: each may become a claim. */
const MAX_EFFECTS = 256
const MAX_LINE = 4 * 1024 * 1024

/**
 * Says what a command line would change. It runs nothing, and reads files only through the context.
 *
 * It answers within about 200 ms of `context.now`: if the line isn't read to its end by then, `ranOut` is true and
 * one effect is unknown.
 * @example analyze('kubectl drain k8s-1', context).effects[0]?.label // 'node:k8s-1'
 */
export function analyze(line: string, context: GuardContext): Analysis {
  const budget = budgetOf(BUDGET_MS, context.now)
  const session: Session = {
    context,
    budget,
    steps: 0,
    earlier: [],
    ranOut: false,
    runScript,
    runBody,
    runWords,
    runLine: (text, state) => {
      const part = readable(text)
      if (part.length < text.length) session.ranOut = true
      runScript(parse(part), state)
    },
  }
  const state = new State(session)
  const part = readable(line)
  try {
    runScript(parse(part), state)
  } catch (error) {
    // What was found until then counts. A line that is nested deeper than the stack gives a RangeError.
    session.ranOut = true
    if (!(error instanceof RangeError)) state.out.push({ ...unread(line), note: FAULT })
  }
  const effects = distinct(state.out.map(each => effectOf(each, line.length)))
  const ranOut =
    session.ranOut || budget.wasOver() || part.length < line.length || effects.length > MAX_EFFECTS
  if (!ranOut) return { effects, ranOut }
  const rest = effectOf(unread(line), line.length)
  return { effects: distinct([...effects.slice(0, MAX_EFFECTS), rest]), ranOut }
}

/** For tests, which look for it: an error that isn't expected must not keep the guard from answering. */
const FAULT = 'this line could not be read'

/** As much of a text as can be parsed in time. */
function readable(text: string): string {
  if (text.length <= MAX_SHORT) return text
  const count = separators(text)
  if (text.length <= MAX_LINE && count <= MAX_SEPARATORS) return text
  const max = count > 5 * MAX_SEPARATORS ? MAX_SHORT : MAX_DENSE
  const end = text.lastIndexOf('\n', max)
  return text.slice(0, end > 0 ? end : max)
}

function separators(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string
    if (';&|($`>{!'.includes(letter)) count++
    // The parser looks for the end of each heredoc in the whole rest of the text.
    else if (letter === '<') count += text[at + 1] === '<' ? HEREDOC_WEIGHT : 1
  }
  return count
}

function unread(line: string): Found {
  return {
    label: undefined,
    tool: 'shell',
    verb: '',
    effect: 'unknown',
    target: 'unknown',
    words: [0, line.length],
    note: 'the line is too long or too deep to be read to its end',
  }
}

function effectOf({ label, tool, verb, effect, target, words, note }: Found, length: number): Effect {
  return {
    label: label ?? null,
    tool: tool ?? '',
    verb,
    effect,
    target: label === undefined && target === 'exact' ? 'unknown' : target,
    // The parser's offsets can be one too large after an unfinished escape.
    words: [Math.min(words[0], length), Math.min(words[1], length)],
    ...(note === undefined ? {} : { note }),
  }
}

/** Equal effects once, with the words of the first. */
function distinct(effects: readonly Effect[]): readonly Effect[] {
  const seen = new Map<string, Effect>()
  for (const each of effects) {
    const key = JSON.stringify([each.label, each.tool, each.verb, each.effect, each.target])
    if (!seen.has(key)) seen.set(key, each)
  }
  return [...seen.values()]
}
