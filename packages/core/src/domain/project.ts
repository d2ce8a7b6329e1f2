import { PROJECT_LENGTH_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

/** A project's key may stand in a path: no `.` alone, no `/`. */
export const PROJECT_SHAPE = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** The key of a project: free-form, but written in one way only. */
export function parseProject(input: string): Checked<string> {
  if (PROJECT_SHAPE.test(input)) return accept(input)
  const near = nearestProject(input)
  return refuse({
    code: 'invalid_project',
    message: `"${oneLine(cutTo(input, 60))}" is no project's key: that has lower-case letters, digits, "-", "_" and ".", begins with a letter or a digit, and has at most ${PROJECT_LENGTH_MAX} characters`,
    remedy: near === undefined ? 'give one such as web-shop' : `did you mean ${near}?`,
    ...(near === undefined ? {} : { nearest: near }),
  })
}

/** The key that a name would have; undefined where nothing of it can stand in one. */
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
