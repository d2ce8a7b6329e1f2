import { pathOf } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import { isInside, realPath } from './real-path.ts'

/**
 * Checks a file of a project before it is written: a link in a repository that somebody else made may lead to any file
 * of the user.
 *
 * @param top the top of the checkout
 * @throws PresenceError `invalid_config` if the file, or a folder above it, leads out of the project
 */
export function demandInside(top: string, path: string): void {
  if (isInside(top, path)) return
  throw new PresenceError(
    'invalid_config',
    `${pathOf(path)} leads to ${pathOf(realPath(path))}, outside of the project`,
    'replace the link by a file of the project, or choose your own files instead',
  )
}
