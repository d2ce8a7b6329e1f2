import type { Word } from '../../tool.ts'

/**
 * The words before the settings `key=value`, `key-` and, for taints, `key:Effect`. If no word is certainly a setting,
 * unknown words at the end count as settings, because these verbs need at least one.
 */
export function beforeSettings(words: readonly Word[], isTaint: boolean): readonly Word[] {
  const setting = isTaint ? /[=:]|-$/ : /=|-$/
  const first = words.findIndex(word => setting.test(word.text ?? word.template ?? word.start ?? ''))
  if (first >= 0) return words.slice(0, first)
  const last = words.findLastIndex(word => word.text !== undefined)
  const named = words[0]?.text?.includes('/') ? 1 : 2
  return words.slice(0, Math.max(last + 1, Math.min(named, words.length)))
}
