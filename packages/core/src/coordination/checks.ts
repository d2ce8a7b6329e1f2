import { accept, type Checked } from '../domain/refusal.ts'
import { type Course, parseStatus } from '../domain/work.ts'
import type { Revised } from '../store/port/coordination.ts'

/** Parses an optional value; undefined stays undefined. */
export function optional<In, Out>(
  value: In | undefined,
  parse: (value: In) => Checked<Out>,
): Checked<Out | undefined> {
  return value === undefined ? accept(undefined) : parse(value)
}

/** True if the stored row has the same value in every field that was to be written. */
export function saysAll<Row extends object>(there: NoInfer<Row>, written: Row): boolean {
  return (Object.keys(written) as (keyof Row)[]).every(key => there[key] === written[key])
}

/**
 * True if the stored row is the row to be added, possibly added by an earlier attempt of the same call. Once
 * the row has been changed, only the `lasting` fields are compared.
 */
export function isAdded<
  Row extends { readonly id: string; readonly status: string; readonly movedBy: string },
>({ row, revision }: Revised<NoInfer<Row>>, added: Row, lasting: readonly (keyof Row)[]): boolean {
  return revision === row.id ? saysAll(row, added) : lasting.every(key => row[key] === added[key])
}

/** Parses statuses; an empty list means all of them. */
export function checkedStatuses<Status extends string>(
  texts: readonly string[] | undefined,
  course: Course<Status>,
): Checked<readonly Status[] | undefined> {
  if (texts === undefined || texts.length === 0) return accept(undefined)
  const statuses: Status[] = []
  for (const text of texts) {
    const status = parseStatus(text, course)
    if (!status.ok) return status
    statuses.push(status.value)
  }
  return accept(statuses)
}
