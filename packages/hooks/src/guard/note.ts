import type { Claim, GuardedTarget } from '@presence/core'
import type { AgentView } from '@presence/core/internal'
import { firstText, lapsedText, maybeText, othersText, wholesaleText } from './words.ts'

/**
 * What an agent is told about a command that goes through; undefined if there is nothing to tell. Everything is told
 * once an hour.
 *
 * @param untold which of these keys weren't told yet; from then on they count as told
 */
export function noteOf(
  targets: readonly GuardedTarget[],
  wholesale: readonly string[],
  untold: (keys: readonly string[]) => ReadonlySet<string>,
  view: AgentView,
): string | undefined {
  const fresh = untold(targets.flatMap(allKeys))
  const news = (key: string) => fresh.has(key)
  // An agent that goes on after a pause has read who is there.
  const others = targets.filter(target => !target.proceeded && target.keys.map(othersKey).some(news))
  const maybe = targets.flatMap(({ label, maybeSame }) =>
    maybeSame.filter(claim => news(maybeKey(label, claim))).map(claim => ({ label, claim })),
  )
  const lapsed = targets.flatMap(target => target.lapsed).filter(claim => news(lapsedKey(claim)))
  const first = targets.find(({ isFirst, own }) => isFirst && own === 'auto')
  const lines = [
    ...othersText(others, view),
    ...maybe.map(({ label, claim }) => maybeText(label, claim, view)),
    ...lapsedText(lapsed, view),
    ...(wholesale.length > 0 ? [wholesaleText(wholesale)] : []),
    ...(first ? [firstText(first.label)] : []),
  ]
  return lines.length > 0 ? lines.join('\n') : undefined
}

function allKeys({ label, keys, maybeSame, lapsed }: GuardedTarget): readonly string[] {
  return [...keys.map(othersKey), ...maybeSame.map(claim => maybeKey(label, claim)), ...lapsed.map(lapsedKey)]
}

function othersKey(key: string): string {
  return `others ${key}`
}

/** Once per pair of labels and session. */
function maybeKey(label: string, claim: Claim): string {
  return `maybe ${JSON.stringify([label, claim.label, claim.session.id])}`
}

function lapsedKey({ label, session, claimedAt }: Claim): string {
  return `lapsed ${JSON.stringify([label, session.id, claimedAt.getTime()])}`
}
