/** Does one thing once and returns the milliseconds that it took. */
export type Timed = () => Promise<number>

/** A subject compared with its reference, over all pairs of one run. */
export interface Beside {
  /** The median of the pairs' ratios, each the subject's time divided by the reference's. */
  readonly ratio: number
  /** The middle half of those ratios: how far the median can be trusted. */
  readonly middle: readonly [number, number]
  /** Median milliseconds. */
  readonly subjectMs: number
  readonly referenceMs: number
}

interface Pair {
  readonly subject: number
  readonly reference: number
}

/**
 * Times every subject in turns with its reference. If the machine slows down meanwhile, it slows both halves
 * of a pair, so the ratio within a pair is still right where two separate averages would not be. The subjects
 * run in the given order, once per round, so that one may depend on the one before it.
 */
export async function inTurns<Name extends string>(
  rounds: number,
  subjects: Readonly<Record<Name, Timed>>,
  reference: Timed | Readonly<Record<Name, Timed>>,
): Promise<Readonly<Record<Name, Beside>>> {
  const names = Object.keys(subjects) as Name[]
  const besides = (name: Name) => (typeof reference === 'function' ? reference : reference[name])
  const pairs = new Map(names.map(name => [name, [] as Pair[]]))
  for (let round = 0; round < rounds; round++)
    for (const name of names)
      pairs.get(name)?.push({ reference: await besides(name)(), subject: await subjects[name]() })
  return Object.fromEntries([...pairs].map(([name, taken]) => [name, summary(taken)])) as Record<Name, Beside>
}

/** Times an awaited call. */
export function timed(work: () => Promise<unknown>): Timed {
  return async () => {
    const from = performance.now()
    await work()
    return performance.now() - from
  }
}

function summary(pairs: readonly Pair[]): Beside {
  const ratios = pairs.map(({ subject, reference }) => subject / reference)
  return {
    ratio: quantile(ratios, 0.5),
    middle: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    subjectMs: quantile(
      pairs.map(({ subject }) => subject),
      0.5,
    ),
    referenceMs: quantile(
      pairs.map(({ reference }) => reference),
      0.5,
    ),
  }
}

/** Interpolates if the rank falls between two values. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = (sorted.length - 1) * share
  const [low = Number.NaN, high = low] = sorted.slice(Math.floor(rank), Math.floor(rank) + 2)
  return low + (high - low) * (rank - Math.floor(rank))
}
