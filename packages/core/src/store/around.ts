import { around } from '../domain/around.ts'
import { lettersOf, listOf } from './list-of.ts'

/** Conditions on `resource_label` that find what is around some labels, and their values. */
export interface AroundSql {
  readonly where: string
  /** The condition on the latest claims: see `longer` of `Around`. Undefined if there is nothing to find. */
  readonly latest: string | undefined
  readonly values: Readonly<Record<string, string | number | null>>
}

/** In how many of the latest claims, and exclusive claims, longer names are searched. */
export const LATEST_SEARCHED = 500

export function aroundSql(labels: readonly string[]): AroundSql {
  const { exact, ranges, longer, endings } = around(labels)
  const values: Record<string, string | number | null> = {}
  const named = (name: string, at: number, value: string) => {
    const key = `${name}_${lettersOf(at)}`
    values[key] = value
    return `:${key}`
  }
  const list = listOf('exact', exact)
  Object.assign(values, list.values)
  const parts = [
    ...(exact.length > 0 ? [`resource_label IN (${list.sql})`] : []),
    ...ranges.map(
      ({ first, past }, at) =>
        `(resource_label >= ${named('first', at, first)} AND resource_label < ${named('past', at, past)})`,
    ),
    ...endings.map((ending, at) => `resource_label LIKE ${named('ending', at, `%${ending}`)}`),
  ]
  const ends = longer.map(
    ({ kind, part }, at) =>
      `(INSTR(resource_label, ${named('kind', at, `${kind}:`)}) = 1 AND INSTR(resource_label, ${named('part', at, part)}) > 0)`,
  )
  return {
    where: parts.length === 0 ? '1 = 0' : `(${parts.join(' OR ')})`,
    latest: ends.length === 0 ? undefined : `(${ends.join(' OR ')})`,
    values,
  }
}
