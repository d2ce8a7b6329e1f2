import { PROJECT_LENGTH_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

/** A project's key can be part of a path: it is not just dots and has no `/`. */
export const PROJECT_SHAPE = /^[a-z0-9][a-z0-9._-]{0,63}$/

/**
 * Parses the key of a project. The form allows only lower-case letters, digits, `.`, `_` and `-`, so that a
 * project's name has only one spelling as a key.
 */
export function parseProject(input: string): Checked<string> {
  if (PROJECT_SHAPE.test(input)) return accept(input)
  const near = nearestProject(input)
  return refuse({
    code: 'invalid_project',
    message: `"${oneLine(cutTo(input, 60))}" is not a project key: a key has at most ${PROJECT_LENGTH_MAX} characters: lower-case letters, digits, "-", "_" and "."; it begins with a letter or a digit`,
    remedy: near === undefined ? 'give one such as web-shop' : `did you mean ${near}?`,
    ...(near === undefined ? {} : { nearest: near }),
  })
}

/** Derives a key from a name. Undefined if no character of the name can be part of a key. */
export function nearestProject(name: string): string | undefined {
  const near = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .slice(0, 4 * PROJECT_LENGTH_MAX)
    .replace(/^[._-]+/, '')
    .slice(0, PROJECT_LENGTH_MAX)
    .replace(/-+$/, '')
  return PROJECT_SHAPE.test(near) ? near : undefined
}
