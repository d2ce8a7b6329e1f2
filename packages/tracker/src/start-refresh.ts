import { forNode } from '@presence/process'
import type { Environment, Tracker } from './find.ts'
import { KeptFile } from './kept.ts'

/**
 * Starts a process that asks the tracker anew, if the kept answer is too old and no other process is asking. Nobody
 * waits for it: it has no open file of this process, and a process group of its own, so that the agent sees its hook
 * end. It ends by itself.
 *
 * @param command the arguments with which Node runs `refresh`; the tracker's own are added
 */
export function startRefresh(tracker: Tracker, env: Environment, command: readonly string[]): void {
  try {
    const kept = new KeptFile(tracker, env)
    if (!kept.isDue()) return
    const token = kept.take()
    if (token === undefined) return
    const { spawn } = process.getBuiltinModule('node:child_process')
    const args = [...command, tracker.folder, tracker.program, token]
    spawn(process.execPath, args, { detached: true, stdio: 'ignore', cwd: '/', env: forNode(env) })
      .on('error', () => kept.release(token))
      .unref()
  } catch {
    // Ignore: the kept answer stays, and shows its age.
  }
}
