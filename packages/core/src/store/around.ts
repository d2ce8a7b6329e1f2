import { around } from '../domain/around.ts'
import { lettersOf, listOf } from './list-of.ts'

/** A condition on `resource_label` that finds what is around some labels, and its values. */
export function aroundSql(labels: readonly string[]): {
  readonly where: string
  readonly values: Readonly<Record<string, string | number | null>>
} {
  const { exact, ranges, endings } = around(labels)
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
    ...ranges.map((range, at) => {
      const within = `resource_label >= ${named('first', at, range.first)} AND resource_label < ${named('past', at, range.past)}`
      const text = range.with
      return `(${within}${text === undefined ? '' : ` AND INSTR(resource_label, ${named('part', at, text)}) > 0`})`
    }),
    ...endings.map((ending, at) => `resource_label LIKE ${named('ending', at, `%${ending}`)}`),
  ]
  return { where: parts.length === 0 ? '1 = 0' : `(${parts.join(' OR ')})`, values }
}
