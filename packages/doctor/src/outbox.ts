import { moment, type OutboxFacts, outboxFacts } from '@presence/core/internal'
import type { Context } from './context.ts'
import { brokenBy, type Finding, note, ok } from './finding.ts'

/** Reports what waits in the outbox, whether more could be added, and whether the circuit breaker is open. */
export async function checkOutbox({ place, env }: Context): Promise<readonly Finding[]> {
  // Calls on a board in a file are never queued.
  if ('fault' in place || place.value.dsn.scheme === 'sqlite') return []
  return judgeOutbox(await outboxFacts(place.value.dsn, env))
}

function judgeOutbox({ waiting, deadLetterFile, failures, openSince }: OutboxFacts): readonly Finding[] {
  const findings: Finding[] = []
  const add = (message: string, remedy: string) => findings.push(note('outbox', message, remedy))
  // No code: commands make their calls without the outbox.
  if ('fault' in waiting) findings.push({ ...brokenBy('outbox', waiting.fault), code: undefined })
  else if (waiting.value > 0)
    add(
      `${waiting.value} ${waiting.value === 1 ? 'operation in the outbox waits' : 'operations in the outbox wait'} to be delivered`,
      'run: presence sync',
    )
  if (deadLetterFile !== undefined)
    add(
      `dead letters, which could not be read or were refused, are in ${deadLetterFile}`,
      'read them; to try them again, run: presence sync --retry-dead-letters; otherwise delete the file',
    )
  for (const { since, tries, reason } of failures)
    add(
      `an operation failed ${tries === 1 ? 'once' : `${tries} times`} since ${moment(new Date(since))}: ${reason}`,
      'it is tried again; to try it now, run: presence sync',
    )
  if (openSince) add(`the board did not answer at ${moment(openSince)}`, 'it is asked again in a second')
  return findings.length > 0 ? findings : [ok('outbox', 'the outbox is empty')]
}
