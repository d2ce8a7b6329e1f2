import { type Claim, type Glance, oneLine } from '@presence/core'
import type { LabelSource, Question, Word } from './question.ts'

const ABOUT_MAX = 60

/** The words that fit a question, given what could be seen of the board. */
export function answersTo({ wanted, typed, before }: Question, seen: Glance | undefined): readonly Word[] {
  const unique = new Map<string, Word>()
  for (const word of wordsFor(wanted, seen))
    if (word.value.startsWith(typed) && !unique.has(word.value)) unique.set(word.value, word)
  return [...unique.values()].map(({ value, about }) => ({
    value: before + value,
    about: cut(oneLine(about)),
  }))
}

/** Does the question need the board at all? */
export function needsBoard({ wanted }: Question): boolean {
  return wanted.what !== 'words'
}

function wordsFor(wanted: Question['wanted'], seen: Glance | undefined): readonly Word[] {
  if (wanted.what === 'words') return wanted.words
  const claims = (seen?.claims ?? []).filter(isPlain)
  if (wanted.what === 'kinds') return (seen?.kinds ?? []).map(value => ({ value, about: '' }))
  if (wanted.what === 'sessions')
    return claims.map(({ session }) => ({ value: session.id, about: `${session.user}@${session.host}` }))
  const labels = labelsOf(claims, wanted.of, seen?.sessionId)
  const kinds = wanted.of === 'claim' ? (seen?.kinds ?? []) : []
  return [...kinds.map(kind => ({ value: `${kind}:`, about: 'a new one' })), ...labels]
}

function labelsOf(claims: readonly Claim[], of: LabelSource, sessionId: string | undefined): readonly Word[] {
  return claims
    .filter(({ session }) => of !== 'mine' || session.id === sessionId)
    .map(({ label, session, purpose }) => ({ value: label, about: `${session.id}: ${purpose}` }))
}

/** The protocol is a line a word, and a client of the old table may have stored anything. */
function isPlain({ label, session }: Claim): boolean {
  return [label, session.id].every(text => text !== '' && oneLine(text) === text)
}

function cut(text: string): string {
  const chars = [...text]
  return chars.length <= ABOUT_MAX ? text : `${chars.slice(0, ABOUT_MAX - 1).join('')}…`
}
