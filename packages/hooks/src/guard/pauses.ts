import { isObject } from '@presence/core/internal'
import { KeptValue } from './kept.ts'

/** A call opens a pause only if its hook started this long after the refusal was given, in milliseconds. */
export const OPENS_AFTER_MS = 3_000
/** How long a pause stays open after the refusal, in milliseconds. */
export const OPEN_FOR_MS = 600_000
/** How long refusals on one label are counted together, in milliseconds, and how long a note isn't repeated. */
const REMEMBERED_MS = 3_600_000
/** The most labels, and the most claims on a label, that are remembered. */
const LABELS_MAX = 50
const HOLDERS_MAX = 20
const CALLS_MAX = 20
const TOLD_MAX = 300

/** A refusal: when it was given, in milliseconds, and to which calls. */
interface Refusal {
  readonly at: number
  readonly calls: readonly string[]
}

interface Label extends Refusal {
  /** How many times the agent was refused. */
  readonly count: number
  /** When each claim of others was named first, by the claim's key. */
  readonly holders: Readonly<Record<string, Refusal>>
}

interface Memory {
  readonly labels: Readonly<Record<string, Label>>
  /** When the agent was told of something that isn't repeated, by its key. */
  readonly told: Readonly<Record<string, number>>
}

/** The call that asks. */
export interface Asking {
  readonly subagent: string | undefined
  readonly callId: string
  /** When its hook started, in milliseconds. */
  readonly startedAt: number
  /** True if this call stands in one message of the agent with one of these refused calls. */
  readonly isBeside: (calls: readonly string[]) => boolean
}

/**
 * What a session's agent was refused, and so has read. A pause belongs to a session, a subagent, a label and the
 * claims on it: not to the text of the command, because models change an option and try again.
 */
export class Pauses {
  readonly #file: KeptValue<Memory>

  constructor(state: string, agentSession: string) {
    this.#file = new KeptValue<Memory>(state, agentSession, 'paused', {
      empty: { labels: {}, told: {} },
      read: memoryIn,
    })
  }

  /** The keys of the claims on a label that this call may pass: its agent has read about them. */
  passes(label: string, { subagent, startedAt, isBeside }: Asking): readonly string[] {
    const known = this.#file.get().labels[keyOf(subagent, label)]
    return Object.entries(known?.holders ?? {})
      .filter(
        ([, { at, calls }]) =>
          startedAt >= at + OPENS_AFTER_MS && startedAt <= at + OPEN_FOR_MS && !isBeside(calls),
      )
      .map(([key]) => key)
  }

  /**
   * Records that a call is refused now.
   *
   * @param holders the keys of the claims that the refusal names
   * @return how many times the agent was refused on this label, with this time; copies of one call count once
   */
  refused(label: string, holders: readonly string[], { subagent, callId }: Asking, now: number): number {
    return this.#file.change(({ labels, told }) => {
      const key = keyOf(subagent, label)
      const { [key]: found, ...others } = labels
      const before = found && Math.abs(now - found.at) < REMEMBERED_MS ? found : undefined
      const isCopy = before?.calls.includes(callId) === true
      const count = (before?.count ?? 0) + (isCopy ? 0 : 1)
      const named = holders.map(holder => [holder, again(before?.holders[holder], callId, now)] as const)
      const earlier = Object.entries(before?.holders ?? {}).filter(([holder]) => !holders.includes(holder))
      const updated: Label = {
        count,
        at: now,
        calls: withCall(before?.calls, callId),
        holders: Object.fromEntries([...earlier, ...named].slice(-HOLDERS_MAX)),
      }
      const kept = Object.entries(others).slice(-LABELS_MAX + 1)
      return { value: { labels: { ...Object.fromEntries(kept), [key]: updated }, told }, answer: count }
    })
  }

  /** Which of these were not told to this agent in the last hour. From now on they count as told. */
  untold(keys: readonly string[], { subagent }: Pick<Asking, 'subagent'>, now: number): ReadonlySet<string> {
    if (keys.length === 0) return new Set()
    return this.#file.change(({ labels, told }) => {
      const isTold = (key: string) => {
        const at = told[keyOf(subagent, key)]
        return at !== undefined && Math.abs(now - at) < REMEMBERED_MS
      }
      const fresh = new Set(keys.filter(key => !isTold(key)))
      const entries = [
        ...Object.entries(told),
        ...[...fresh].map(key => [keyOf(subagent, key), now] as const),
      ]
      return {
        value: { labels, told: Object.fromEntries(entries.slice(-TOLD_MAX)) },
        answer: fresh,
      }
    })
  }
}

/** The first refusal counts while the pause is open or about to open: an agent that hurries isn't refused forever. */
function again(before: Refusal | undefined, callId: string, now: number): Refusal {
  const isOpen = before !== undefined && now >= before.at && now - before.at <= OPEN_FOR_MS
  return { at: isOpen ? before.at : now, calls: withCall(isOpen ? before.calls : [], callId) }
}

function withCall(calls: readonly string[] | undefined, callId: string): readonly string[] {
  return [...new Set([...(calls ?? []), callId])].slice(-CALLS_MAX)
}

function keyOf(subagent: string | undefined, label: string): string {
  return JSON.stringify([subagent ?? '', label])
}

function memoryIn(value: unknown): Memory | undefined {
  if (!isObject(value) || !isObject(value['labels']) || !isObject(value['told'])) return undefined
  const labels = Object.entries(value['labels']).flatMap(([key, each]) => {
    const refusal = refusalIn(each)
    if (!refusal || !isObject(each) || typeof each['count'] !== 'number' || !isObject(each['holders']))
      return []
    const holders = Object.entries(each['holders']).flatMap(([holder, named]) => {
      const found = refusalIn(named)
      return found ? [[holder, found] as const] : []
    })
    return [[key, { ...refusal, count: each['count'], holders: Object.fromEntries(holders) }] as const]
  })
  const told = Object.entries(value['told']).filter(
    (each): each is [string, number] => typeof each[1] === 'number',
  )
  return { labels: Object.fromEntries(labels), told: Object.fromEntries(told) }
}

function refusalIn(value: unknown): Refusal | undefined {
  if (!isObject(value)) return undefined
  const { at, calls } = value
  return typeof at === 'number' && Array.isArray(calls)
    ? { at, calls: calls.filter(each => typeof each === 'string') }
    : undefined
}
