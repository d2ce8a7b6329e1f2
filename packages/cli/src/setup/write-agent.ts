import type { Io } from '../io.ts'
import type { WiringAgent } from '../wiring/agents.ts'
import { readerOf } from '../wiring/wire.ts'
import { Draft } from './draft.ts'
import { type AgentPlan, type PlannedFile, planFor } from './plan.ts'
import type { SetupRecord } from './record.ts'
import { replaceAll } from './replace-all.ts'

/**
 * Writes all of an agent's files, or none of them. They are read anew: somebody may have changed them since they were
 * shown.
 *
 * @returns what was written, and what to know about it
 * @throws PresenceError `invalid_config`, `not_writable`
 */
export async function writeAgent(
  agent: WiringAgent,
  user: boolean,
  record: SetupRecord,
  { env, cwd }: Io,
): Promise<{ readonly plan: AgentPlan; readonly note?: string }> {
  const read = readerOf(user, cwd)
  const draft = new Draft(read)
  const before = await planFor(agent, { user, remove: true }, env, cwd, new Draft(read))
  const plan = await planFor(agent, { user, remove: false }, env, cwd, draft)
  const undone = await planFor(agent, { user, remove: true }, env, cwd, draft)
  const problem = record.during(
    () => {
      for (const file of plan.files) {
        const restored = undone.files.find(({ path }) => path === file.path)
        // The rules stay for another agent that reads them.
        const isOurs =
          before.files.some(({ path }) => path === file.path) || file.before?.includes('presence: begin')
        record.keep(file.path, originalOf(file, restored, isOurs === true, record), file.after ?? '')
      }
    },
    () => replaceAll(plan.files.map(({ path, after }) => ({ path, text: after }))),
  )
  if (problem === undefined) return { plan }
  return {
    plan,
    note: `how the files were before could not be stored (${problem.message}): --remove takes presence's parts out, but may leave an empty file or folder`,
  }
}

/**
 * What has to be remembered of a file, so that it can be restored byte for byte: undefined if taking our parts out of
 * it does that.
 */
function originalOf(
  { path, before, after }: PlannedFile,
  restored: PlannedFile | undefined,
  isOurs: boolean,
  record: SetupRecord,
): string | null | undefined {
  const earlier = record.original(path, before)
  if (earlier !== undefined) return earlier
  if (isOurs) return undefined
  const left = restored === undefined ? after : restored.after
  return left === before ? undefined : (before ?? null)
}
