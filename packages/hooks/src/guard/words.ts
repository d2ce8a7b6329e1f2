import type { Claim, GuardedTarget } from '@presence/core'
import {
  type AgentView,
  claimText,
  counted,
  labelOf,
  nameOf,
  plain,
  shellWord,
} from '@presence/core/internal'
import type { Unknown } from '../hook.ts'

/** How many claims of others, and how many labels, one text names. */
const CLAIMS_MAX = 6
const LABELS_MAX = 4
/** From this refusal on the agent is told to ask the person that it works for. */
const ASK_FROM = 3

/** A target that was refused, and how many times the agent was refused on its label, with this time. */
export interface Refused {
  readonly target: GuardedTarget
  readonly count: number
}

/** Why a command doesn't run, who is there, and what the agent can do. */
export function refusalText(refused: readonly Refused[], view: AgentView): string {
  const count = Math.max(...refused.map(each => each.count))
  const labels = refused.map(({ target }) => target.label)
  const lines = refused.flatMap(({ target }) => holdersOf(target, view))
  const others = refused.flatMap(({ target }) => [
    ...target.others,
    ...target.overlaps.map(({ claim }) => claim),
  ])
  return [
    `presence: this command did not run. ${reasonOf(refused)}`,
    ...firsts(lines, CLAIMS_MAX, 'more claims: `presence peek` shows them.'),
    ...lapsedText(
      refused.flatMap(({ target }) => target.lapsed),
      view,
    ),
    whatToDo(refused, labels, others, count),
  ].join('\n')
}

function reasonOf(refused: readonly Refused[]): string {
  const named = (why: GuardedTarget['refused']) =>
    namesOf(refused.filter(({ target }) => target.refused === why).map(({ target }) => target.label))
  const has = (why: GuardedTarget['refused']) => refused.some(({ target }) => target.refused === why)
  return [
    has('exclusive') ? `Another session holds ${named('exclusive')} exclusively.` : '',
    has('required')
      ? `This project requires that you claim ${named('required')} yourself before you change it.`
      : '',
    has('denied')
      ? `It would change ${named('denied')}, on which others work, and this project refuses that.`
      : '',
    has('paused') ? `It would change ${named('paused')}, on which others work.` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

/** Different at each refusal, so that an agent that only tries again sees that something else is asked of it. */
function whatToDo(
  refused: readonly Refused[],
  labels: readonly string[],
  others: readonly Claim[],
  count: number,
): string {
  const [label = ''] = labels
  const isOnlyPaused = refused.every(({ target }) => target.refused === 'paused')
  const isRequired = refused.some(({ target }) => target.refused === 'required')
  const ask = others[0]
    ? `ask the holder: \`presence message send --to ${shellWord(plain(others[0].session.id, 128))} "<question>"\``
    : undefined
  const again = isOnlyPaused
    ? 'If the work doesn’t conflict, run the command again in your next message: then it goes through, and that is recorded.'
    : ''
  const claim = isRequired
    ? `Run \`presence claim ${shellWord(label)} --purpose "<what and why>"\`, then run the command again.`
    : ''
  const look = `\`presence peek ${shellWord(label)}\``
  if (count >= ASK_FROM)
    return [
      `You were refused ${count} times on ${namesOf(labels)}. Stop, and ask the person you work for how to continue; show them the claims above.`,
      claim,
      again,
    ]
      .filter(Boolean)
      .join(' ')
  if (count === ASK_FROM - 1)
    return [
      `This is the second refusal. Nothing has changed that would make the command safe: ${look} shows when a holder is done.`,
      ask ? `Until then do something else, or ${ask}.` : '',
      claim,
      again,
    ]
      .filter(Boolean)
      .join(' ')
  return [
    claim,
    ask ? `First read what the others do. Then wait (${look} shows when they are done), or ${ask}.` : '',
    again,
  ]
    .filter(Boolean)
    .join(' ')
}

/** Who else works on the labels of a command that goes through. */
export function othersText(targets: readonly GuardedTarget[], view: AgentView): readonly string[] {
  if (targets.length === 0) return []
  return [
    `presence: the command changes ${namesOf(targets.map(({ label }) => label))}, on which others work:`,
    ...firsts(
      targets.flatMap(target => holdersOf(target, view)),
      CLAIMS_MAX,
      'more claims: `presence list` shows them.',
    ),
    'Check that the work doesn’t conflict. `presence message send --to <session> "<text>"` reaches a holder.',
  ]
}

export function maybeText(label: string, claim: Claim, view: AgentView): string {
  return `presence: ${labelOf(label)} may be the same as ${claimText(claim, view)}. If it is, ask its holder before you continue.`
}

/** A command that changes everything that it matches, where no label says what that is. */
export function wholesaleText(commands: readonly string[]): string {
  return `presence: ${commands.map(each => `\`${plain(each, 60)}\``).join(', ')} changes everything that it matches, and no label says what that is. \`presence list\` shows what others work on.`
}

/** The first automatic claim of a session: how to add the why. */
export function firstText(label: string): string {
  return `presence: ${labelOf(label)} is claimed for you, because your command changes it. To say why, run \`presence claim ${shellWord(label)} --purpose "<what and why>"\`; then the claim stays after the command.`
}

/** What an agent is told if the board didn't say who is there. */
export function unknownText(
  labels: readonly string[],
  { reason, remedy }: Pick<Unknown, 'reason' | 'remedy'>,
): string {
  return `presence: the command changes ${namesOf(labels)}, and nobody knows who else works on that: ${plain(reason, 300)}.${
    remedy === undefined ? '' : ` To fix it: ${plain(remedy, 300)}.`
  } It is not claimed.`
}

/** The same where such a command must not run without an answer. A person decides. */
export function unknownRefusal(
  labels: readonly string[],
  unknown: Pick<Unknown, 'reason' | 'remedy'>,
): string {
  return `${unknownText(labels, unknown)} This project refuses such a command while the board doesn't answer. Ask the person you work for: they can run the command themselves after they have asked the others, or start the agent with PRESENCE_GUARD=note.`
}

function holdersOf({ others, overlaps }: GuardedTarget, view: AgentView): readonly string[] {
  return [
    ...others.map(claim => `- ${claimText(claim, view)}`),
    ...overlaps.map(
      ({ claim, path }) => `- ${claimText(claim, view)}; overlaps: ${path.map(labelOf).join(' → ')}`,
    ),
  ]
}

/** Claims on the command's labels that lapsed. */
export function lapsedText(lapsed: readonly Claim[], view: AgentView): readonly string[] {
  const lines = lapsed.map(claim => lapsedLine(claim, view))
  return firsts([...new Set(lines)], CLAIMS_MAX, 'more: `presence list --lapsed` shows them.')
}

/** Of a command that the guard saw, the end is named too. */
function lapsedLine(claim: Claim, { asOf, words }: AgentView): string {
  const { label, purpose, session, expiresAt, automatic } = claim
  const on = `of ${nameOf(session.id)} on ${words.label(label)}`
  const lapsed = words.at(expiresAt < asOf ? expiresAt : asOf)
  const what = automatic
    ? `the command ${words.text(automatic.command)} ${on} ${endOf(automatic)}; its claim lapsed ${lapsed}`
    : `the claim ${words.text(purpose)} ${on} lapsed ${lapsed} without a release`
  return `presence: ${what}, and its work may be half done.`
}

function endOf({ outcome, exitStatus }: NonNullable<Claim['automatic']>): string {
  if (outcome === undefined) return 'has no known end'
  if (outcome !== 'failed') return 'is over'
  return exitStatus === undefined ? 'failed' : `failed with exit status ${exitStatus}`
}

function namesOf(labels: readonly string[]): string {
  const names = [...new Set(labels)].map(labelOf)
  const rest = names.length - LABELS_MAX
  return rest > 0
    ? `${names.slice(0, LABELS_MAX).join(', ')} and ${counted(rest, 'more label')}`
    : names.join(', ')
}

function firsts(lines: readonly string[], max: number, rest: string): readonly string[] {
  return lines.length <= max ? lines : [...lines.slice(0, max), `and ${lines.length - max} ${rest}`]
}
