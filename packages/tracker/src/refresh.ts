import { askTracker } from './ask.ts'
import type { Environment } from './find.ts'
import { BACKGROUND_MS, KeptFile } from './kept.ts'

/**
 * Asks the tracker and keeps its answer, or why there is none. Runs in a process of its own, which `startRefresh`
 * started and nobody waits for.
 *
 * @param args the tracker's folder, its program, and the lock's token
 */
export async function refresh(args: readonly string[], env: Environment): Promise<void> {
  const [folder, program, token] = args
  if (folder === undefined || program === undefined || token === undefined) return
  const tracker = { folder, program }
  const kept = new KeptFile(tracker, env)
  const asked = new Date()
  try {
    const tasks = await askTracker(tracker, env, BACKGROUND_MS)
    // The project may have been pointed to another database meanwhile: then nobody knows whose answer it is.
    if (new KeptFile(tracker, env).name === kept.name) kept.keep(tasks, asked)
  } catch (error) {
    kept.fail(error instanceof Error ? error.message : String(error), asked)
  } finally {
    kept.release(token)
    kept.tidy()
  }
}
