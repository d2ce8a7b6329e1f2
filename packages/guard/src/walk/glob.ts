import type { Word as WordNode } from 'unbash'
import type { Word } from '../tools/tool.ts'
import { MAX_WORDS } from './braces.ts'
import type { State } from './state.ts'

/** Stars of a pattern that is looked up. */
const MAX_STARS = 8

/**
 * The files that a word with unquoted stars stands for, as the shell finds them: in one folder, without hidden ones.
 * The word itself if there are none, or if the folder isn't known. Undefined if there are too many.
 */
function globbed(text: string, state: State): readonly string[] | undefined {
  const slash = text.lastIndexOf('/')
  const [folder, pattern] = [text.slice(0, slash + 1), text.slice(slash + 1)]
  const pieces = pattern.split('*')
  if (/[*?[]/.test(folder) || /[?[]/.test(pattern) || pieces.length < 2 || pieces.length > MAX_STARS)
    return [text]
  const names = state.list(folder === '' ? '.' : folder)
  const found =
    names?.filter(name => (pattern.startsWith('.') || !name.startsWith('.')) && fits(name, pieces)) ?? []
  if (found.length > MAX_WORDS) return undefined
  return found.length ? found.map(name => folder + name) : [text]
}

function fits(name: string, pieces: readonly string[]): boolean {
  const [head = '', ...others] = pieces
  const tail = others.pop() ?? ''
  if (!name.startsWith(head)) return false
  let at = head.length
  for (const piece of others) {
    const next = name.indexOf(piece, at)
    if (next < 0) return false
    at = next + piece.length
  }
  return name.length - tail.length >= at && name.endsWith(tail)
}

/** True if a word has a star that isn't quoted, and nothing quoted that could look like one. */
export function isGlob(node: WordNode): boolean {
  const parts = node.parts ?? []
  return (
    parts.some(part => part.type === 'Glob') &&
    !parts.some(part => /Quoted$|^LocaleString$/.test(part.type) && /[*?[\\]/.test(part.text))
  )
}

/** The words of the files that a word with a star stands for. */
export function withFiles(word: Word, state: State): readonly Word[] {
  if (word.text === undefined || state.isDry) return [word]
  const files = globbed(word.text, state)
  return files ? files.map(text => ({ ...word, text })) : [{ ...word, text: undefined, start: '' }]
}
