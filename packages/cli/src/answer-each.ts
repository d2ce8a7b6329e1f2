import { type Board, isFault, type Refused } from '@presence/core'
import { type Answer, answer, printFault, printRefusal, type Saying } from './answer.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { Globals } from './globals.ts'
import type { Io } from './io.ts'

/** What a verb asks about one of its labels, and how it shows the board's answer. */
interface EachLabel<Said extends object> {
  readonly ask: (board: Board, label: string) => Promise<({ readonly ok: true } & Said) | Refused>
  /** Asked first about all labels together: if it refuses, none is asked about. */
  readonly refusal?: (board: Board) => Promise<Refused | undefined>
  /** @param all the answers of all the labels that were not refused, by label */
  readonly show: (board: Board, said: Said, label: string, all: ReadonlyMap<string, Said>) => Answer
  /** What is said first if there was no answer, or a refusal. */
  readonly saying?: (labels: readonly string[]) => Saying
}

/**
 * As `answer`, for one label or several. Each is asked about on its own, all at once, so that several labels take no
 * longer than one. The exit status is the highest of theirs. With `--json`, one label prints its answer, and several
 * print an object with the answer or the error of each label.
 *
 * @param labels each once
 */
export async function answerEach<Said extends object>(
  globals: Globals,
  io: Io,
  labels: readonly string[],
  { ask, refusal = async () => undefined, show, saying = () => ({}) }: EachLabel<Said>,
): Promise<ExitStatus> {
  const said = new Map<string, Said>()
  const [first = ''] = labels
  if (labels.length === 1) {
    const one = async (board: Board) => {
      const told = (await refusal(board)) ?? (await ask(board, first))
      if (!told.ok) return told
      said.set(first, told)
      return show(board, told, first, said)
    }
    return answer(globals, io, one, saying(labels))
  }
  let worst: ExitStatus = EXIT.done
  const several = async (board: Board): Promise<Answer | Refused> => {
    const refused = await refusal(board)
    if (refused) return refused
    const results = await Promise.allSettled(labels.map(label => ask(board, label)))
    throwCommon(results)
    const failed = new Map<string, unknown>()
    const quiet = { ...io, width: io.width, page: () => {} }
    for (const [at, label] of labels.entries()) {
      const result = results[at]
      const out = (line: string) => failed.set(label, JSON.parse(line))
      const about = [
        { ...globals, json: true },
        { ...quiet, out },
      ] as const
      const fails = (status: ExitStatus) => {
        worst = status > worst ? status : worst
      }
      if (!result) continue
      if (result.status === 'rejected') fails(printFault(result.reason, ...about, false, saying([label])))
      else if ('refusal' in result.value) fails(printRefusal(result.value.refusal, ...about, saying([label])))
      else said.set(label, result.value)
    }
    const shown = new Map([...said].map(([label, each]) => [label, show(board, each, label, said)]))
    const all = [...shown.values()]
    return {
      lines: all.flatMap(({ lines }) => lines),
      json: Object.fromEntries(labels.map(label => [label, shown.get(label)?.json ?? failed.get(label)])),
      // Several answers may tell the same.
      notes: [...new Set(all.flatMap(({ notes = [] }) => notes))],
    }
  }
  const status = await answer(globals, io, several, saying(labels))
  return status > worst ? status : worst
}

/** A fault that all the calls failed with is one fault of the verb. */
function throwCommon(results: readonly PromiseSettledResult<unknown>[]): void {
  const faults = results.flatMap(each => (each.status === 'rejected' ? [each.reason as unknown] : []))
  const texts = new Set(faults.map(fault => (isFault(fault) ? fault.code : String(fault))))
  if (faults.length === results.length && texts.size === 1) throw faults[0]
}
