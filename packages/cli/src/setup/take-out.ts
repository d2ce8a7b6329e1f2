import { setImmediate } from 'node:timers/promises'
import { forgetAddresses } from '@presence/core/internal'
import { faultOf } from '../answer.ts'
import { EXIT } from '../exit-status.ts'
import { interruptedStatus, interruption } from '../interruption.ts'
import type { Io } from '../io.ts'
import { WIRING_AGENTS, type WiringAgent } from '../wiring/agents.ts'
import { MCP_AGENTS, mcpPath } from '../wiring/mcp.ts'
import { placeOf, projectTop, readerOf } from '../wiring/wire.ts'
import { removeBoard, withoutBoard } from './board.ts'
import { agreedTo, needsOptions, type SetupOptions, Unanswered } from './consent.ts'
import { Draft } from './draft.ts'
import { byHand, mentionsPresence } from './left.ts'
import { type AgentPlan, planFor } from './plan.ts'
import { SetupRecord } from './record.ts'
import { replaceAll } from './replace-all.ts'
import { fileLine, Report } from './report.ts'

const BOARD = "the board's address"

/** Takes out what setup wrote: hooks, rules and MCP servers of all agents, and the board's address. */
export async function takeOut(options: SetupOptions, io: Io): Promise<number> {
  const { user, agents, dryRun } = options
  const report = new Report(options, io)
  const record = new SetupRecord(user ? undefined : projectTop(io.cwd), io.env)
  const only = WIRING_AGENTS.filter(({ name }) => agents.length === 0 || agents.includes(name))
  await planAll(only, record, options, report, io)
  const board = agents.length === 0 ? withoutBoard(record) : undefined
  const things = [...report.having('planned').map(({ agent }) => agent.name), ...(board ? [BOARD] : [])]
  show(board, options, report)
  if (dryRun) {
    report.json({ board: board ? { path: board.path, written: false } : undefined })
    return report.status
  }
  const agreed = things.length === 0 ? new Set<string>() : await agreedTo(things, questionOn, options, io)
  if (agreed === undefined) return needsOptions('removed', 'to agree to all of it: --yes', options, io)
  if (things.length > 0 && agreed.size === 0) throw new Unanswered()
  const signal = interruption()
  await removeAgents(agreed, signal, record, options, report, io)
  const isBoardGone = board !== undefined && agreed.has(BOARD) && !signal.aborted
  if (isBoardGone) {
    removeBoard(board, user ? undefined : projectTop(io.cwd), record, io)
    report.say(`presence: removed ${BOARD} from ${board.path}`)
  }
  record.clean(agents.length === 0 && agreed.size === things.length && report.status === EXIT.done)
  if (things.length === 0 && report.status === EXIT.done)
    report.say('presence: there is nothing to remove: no agent is set up here')
  const left = user ? only.flatMap(agent => byHand(agent, io.env, io.cwd, true)) : []
  for (const line of left) report.say(`presence: left to you: ${line}`)
  report.json({ board: board ? { path: board.path, written: isBoardGone } : undefined, left })
  if (!signal.aborted) return report.status
  io.err('presence: interrupted; for the rest, run presence setup --remove again')
  return interruptedStatus(signal.reason)
}

function show(board: { readonly path: string } | undefined, { yes, dryRun }: SetupOptions, report: Report) {
  if (!yes || dryRun) {
    for (const { plan } of report.having('planned'))
      for (const file of plan?.files ?? []) report.say(lineOn(file, 'would remove'))
    if (board) report.say(`presence: would remove ${BOARD} from ${board.path}`)
  }
  for (const failed of report.having('failed')) report.tellFault(failed)
}

/** Agent after agent, each whole, until a signal ends it. */
async function removeAgents(
  agreed: ReadonlySet<string>,
  signal: AbortSignal,
  record: SetupRecord,
  { user }: SetupOptions,
  report: Report,
  io: Io,
): Promise<void> {
  for (const outcome of report.having('planned')) {
    // Lets a signal in.
    await setImmediate()
    if (signal.aborted || !agreed.has(outcome.agent.name)) {
      report.set({ ...outcome, state: 'declined' })
      continue
    }
    try {
      const plan = await removeAgent(outcome.agent, user, record, io)
      report.set({ ...outcome, plan, state: 'done' })
      if (outcome.agent.hasHttpHooks) forgetAddresses(user ? undefined : projectTop(io.cwd), io.env)
      for (const file of plan.files) report.say(lineOn(file, 'removed'))
    } catch (error) {
      const failed = { ...outcome, fault: faultOf(error), state: 'failed' } as const
      report.set(failed)
      report.tellFault(failed)
    }
  }
}

function questionOn(thing: string): string {
  return thing === BOARD ? `remove ${thing}?` : `remove presence from ${thing}?`
}

async function planAll(
  agents: readonly WiringAgent[],
  record: SetupRecord,
  { user }: SetupOptions,
  report: Report,
  { env, cwd }: Io,
): Promise<void> {
  const draft = new Draft(readerOf(user, cwd))
  for (const agent of agents) {
    try {
      const plan = await planFor(agent, { user, remove: true }, env, cwd, draft)
      if (plan.files.length > 0)
        report.set({ agent, found: [], plan: restoring(plan, record), state: 'planned' })
    } catch (error) {
      // A broken file in which presence never was is not a matter of this command.
      if (filesOf(agent, user, { env, cwd }).some(mentionsPresence))
        report.set({ agent, found: [], fault: faultOf(error), state: 'failed' })
    }
  }
}

function filesOf(
  agent: WiringAgent,
  user: boolean,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
): readonly string[] {
  const rules = user ? agent.userRules : agent.rules
  const mcp = MCP_AGENTS.find(
    ({ name, userFile }) => name === agent.name && !(user && userFile === undefined),
  )
  return [
    ...[agent.settings, rules].flatMap(path =>
      path === undefined ? [] : placeOf(agent, path, user, env, cwd),
    ),
    ...(mcp ? [mcpPath(mcp, user, env, cwd)] : []),
  ]
}

/** The plan, with files as they were before setup where that is known. */
function restoring(plan: AgentPlan, record: SetupRecord): AgentPlan {
  const files = plan.files.map(file => {
    const original = record.original(file.path, file.before)
    return original === undefined ? file : { ...file, after: original ?? undefined }
  })
  return { ...plan, files }
}

/** All files of an agent, or none. They are read anew: somebody may have changed them since they were shown. */
async function removeAgent(
  agent: WiringAgent,
  user: boolean,
  record: SetupRecord,
  { env, cwd }: Io,
): Promise<AgentPlan> {
  const plan = restoring(
    await planFor(agent, { user, remove: true }, env, cwd, new Draft(readerOf(user, cwd))),
    record,
  )
  replaceAll(plan.files.map(({ path, after }) => ({ path, text: after })))
  for (const { path } of plan.files) record.forget(path)
  return plan
}

function lineOn(file: AgentPlan['files'][number], doing: string): string {
  return file.after === undefined
    ? `presence: ${doing} ${file.path}`
    : fileLine(`${doing} presence's part of`, file)
}
