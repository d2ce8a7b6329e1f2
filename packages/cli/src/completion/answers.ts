import { type Claim, parseLabel } from '@presence/core'
import { oneLine, type QuickList } from '@presence/core/internal'
import type { LabelSource, Question, Word } from './question.ts'

const ABOUT_MAX = 60

/** The words that fit a question, given what was read from the board. */
export function answersTo({ wanted, typed, before }: Question, seen: QuickList | undefined): readonly Word[] {
  const unique = new Map<string, Word>()
  for (const word of wordsFor(wanted, seen))
    if (word.value.startsWith(typed) && !unique.has(word.value)) unique.set(word.value, word)
  return [...unique.values()].map(({ value, about }) => ({
    value: before + value,
    about: cut(oneLine(about)),
  }))
}

export function needsBoard({ wanted }: Question): boolean {
  return wanted.what !== 'words'
}

function wordsFor(wanted: Question['wanted'], seen: QuickList | undefined): readonly Word[] {
  if (wanted.what === 'words') return wanted.words
  const claims = seen?.claims ?? []
  if (wanted.what === 'kinds') return (seen?.kinds ?? []).map(value => ({ value, about: '' }))
  if (wanted.what === 'sessions')
    return claims
      .filter(({ session }) => isPlain(session.id))
      .map(({ session }) => ({ value: session.id, about: `${session.user}@${session.host}` }))
  const { besides = [] } = wanted
  const labels = labelsOf(claims, wanted.of, seen).filter(({ value }) => !besides.includes(value))
  const kinds = wanted.of === 'claim' ? (seen?.kinds ?? []) : []
  return [...kinds.map(kind => ({ value: `${kind}:`, about: 'a new one' })), ...labels]
}

function labelsOf(
  claims: readonly Claim[],
  of: LabelSource,
  { sessionId, kinds }: Partial<QuickList> = {},
): readonly Word[] {
  return claims
    .filter(({ label }) => isPlain(label) && isLabel(label, kinds))
    .filter(({ session }) => of !== 'mine' || session.id === sessionId)
    .map(({ label, session, purpose }) => ({ value: label, about: `${session.id}: ${purpose}` }))
}

/**
 * True if a word from the board is safe on a command line. A client of the 8-column table may have stored
 * anything, and the protocol is one word per line. A word that begins with a dash would be read as an option,
 * even if it is quoted.
 */
function isPlain(text: string): boolean {
  return text !== '' && oneLine(text) === text && !text.startsWith('-')
}

/** True if a verb would accept it unchanged. */
function isLabel(text: string, kinds: readonly string[] | undefined): boolean {
  const parsed = parseLabel(text, kinds)
  return parsed.ok && parsed.value.text === text
}

function cut(text: string): string {
  const chars = [...text]
  return chars.length <= ABOUT_MAX ? text : `${chars.slice(0, ABOUT_MAX - 1).join('')}…`
}
