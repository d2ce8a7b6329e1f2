import { accept, type Checked } from '../domain/refusal.ts'
import { type Course, parseStatus } from '../domain/work.ts'

/** What need not be said, checked where it is. */
export function optional<In, Out>(
  value: In | undefined,
  parse: (value: In) => Checked<Out>,
): Checked<Out | undefined> {
  return value === undefined ? accept(undefined) : parse(value)
}

/** No statuses named are all of them. */
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
