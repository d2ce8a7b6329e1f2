import type { Ask } from '../src/calls/table.ts'

/** The answer of a fake board to one call. Tests give only the parts that the code under test reads. */
// biome-ignore lint/suspicious/noExplicitAny: each call has its own input and answer
export type FakeAnswer = (input: any) => Promise<unknown>

/** A board that answers these calls, and no others: for faults that no real board can be made to have. */
export function fakeAsk(answers: Readonly<Record<string, FakeAnswer>>): Ask {
  const ask = async (name: string, input: object): Promise<unknown> => {
    const answer = answers[name]
    if (!answer) throw new TypeError(`the fake board has no answer to ${name}`)
    return answer(input)
  }
  return ask as unknown as Ask
}
