import { PresenceError } from './domain/fault.ts'

/** The oldest Node that `engines` allows. */
const [MAJOR, MINOR] = [22, 16]

/**
 * Fails if this Node is too old. Otherwise the first module that it lacks, such as `node:sqlite`, would fail with an
 * error that doesn't say so. The launchers of the command and the hooks say the same (packages/process/trouble.sh).
 *
 * @throws PresenceError `cannot_start`
 */
export function requireNode(): void {
  const version = process.versions.node
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return
  throw new PresenceError(
    'cannot_start',
    `Node ${version} is too old`,
    `install Node ${MAJOR}.${MINOR} or newer`,
  )
}
