import type { FaultCode } from '@presence/core'

/** What is wrong with a hook or a server, and how to fix it. */
export interface Problem {
  readonly message: string
  readonly remedy: string
  /** The code of the fault that commands fail with for this reason. */
  readonly code?: FaultCode | undefined
}

export const PUT_ON_PATH = 'put presence on PATH: link or copy it into a folder on PATH'
export const LOOK_AT_BOARD = 'run: presence doctor'

/**
 * Why presence itself doesn't start, as its launcher says: `presence-hook: Node 20.20 is too old; install …`
 * (packages/process/trouble.sh). Undefined if the text is something else.
 */
export function launcherProblem(text: string): Problem | undefined {
  const [, message, remedy] = /^presence(?:-hook)?: ([^;\n]+); ([^;\n]+)$/m.exec(text) ?? []
  return message === undefined || remedy === undefined
    ? undefined
    : { message: `can't work: ${message}`, remedy }
}
