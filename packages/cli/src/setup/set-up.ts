import { setImmediate } from 'node:timers/promises'
import type { Diagnosis } from '@presence/doctor'
import { faultOf, printUsage } from '../answer.ts'
import { statusOf } from '../commands/doctor.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { interruptedStatus, interruption } from '../interruption.ts'
import type { Io } from '../io.ts'
import { WIRING_AGENTS } from '../wiring/agents.ts'
import { projectTop, readerOf } from '../wiring/wire.ts'
import { askForBoard, type BoardPlan, boardHere, planBoard, writeBoard } from './board.ts'
import { agreedTo, needsOptions, type SetupOptions, Unanswered } from './consent.ts'
import { Draft } from './draft.ts'
import { findAgents } from './find-agents.ts'
import { leftFor } from './left.ts'
import { planFor } from './plan.ts'
import { asAgentsHaveIt, proofLines, prove, untrustedNotes } from './prove.ts'
import { SetupRecord } from './record.ts'
import { boardJson, fileLine, Report, worse } from './report.ts'
import { writeAgent } from './write-agent.ts'

/**
 * Sets up the agents that are found here: plans, asks, writes, and proves the result.
 * @throws PresenceError about the board's address; Unanswered; then nothing was written
 */
export async function setUp(options: SetupOptions, io: Io): Promise<number> {
  const { user, dryRun, globals } = options
  const report = new Report(options, io)
  const given = globals.dsn === undefined ? undefined : await planBoard(globals.dsn, user, io)
  await planAll(options, report, io)
  if (report.outcomes.length === 0) return noAgents(options, io)
  show(given, options, report)
  if (dryRun) {
    report.json({ board: boardJson(given, false) })
    return report.status
  }
  if (report.having('planned').length === 0 && !given?.changed) {
    if (report.status === EXIT.done) report.say('presence: everything is in place: there is nothing to write')
    return finish(given, interruption(), options, report, io)
  }
  const consent = await consentTo(given, options, report, io)
  if (typeof consent === 'number') return consent
  const signal = interruption()
  await write(consent.board, signal, options, report, io)
  return finish(consent.board, signal, options, report, io)
}

/** Plans each agent. One whose files can't be edited is reported, and the others go on. */
async function planAll({ user, agents }: SetupOptions, report: Report, { env, cwd }: Io): Promise<void> {
  const draft = new Draft(readerOf(user, cwd))
  for (const found of findAgents(agents, env, cwd)) {
    try {
      const plan = await planFor(found.agent, { user, remove: false }, env, cwd, draft)
      report.set({ ...found, plan, state: plan.files.length === 0 ? 'in_place' : 'planned' })
    } catch (error) {
      report.set({ ...found, fault: faultOf(error), state: 'failed' })
    }
  }
}

function show(board: BoardPlan | undefined, { yes, agents }: SetupOptions, report: Report): void {
  const names = WIRING_AGENTS.map(({ name }) => name)
  for (const { agent, found } of report.outcomes)
    report.say(
      `presence: ${agent.name}: ${found.length === 0 ? 'not found here' : `found ${found.join(', ')}`}`,
    )
  const missing = names.filter(name => report.outcomes.every(({ agent }) => agent.name !== name))
  if (agents.length === 0 && missing.length > 0) report.say(`presence: not found: ${missing.join(', ')}`)
  if (!yes) {
    for (const { plan } of report.having('planned'))
      for (const file of plan?.files ?? []) report.say(fileLine('would write', file))
    if (board?.changed) report.say(`presence: would write ${board.path}: the board ${board.shown}`)
  }
  for (const failed of report.having('failed')) report.tellFault(failed)
}

/** Asks which agents, and which board. A status if nothing is to be written. */
async function consentTo(given: BoardPlan | undefined, options: SetupOptions, report: Report, io: Io) {
  const planned = report.having('planned').map(({ agent }) => agent.name)
  const things = planned.length > 0 ? planned : ['the board']
  const agreed = await agreedTo(things, thing => `set up ${thing}?`, options, io)
  if (agreed === undefined)
    return needsOptions(
      'written',
      'to agree to all of it: --yes; for a shared board: --dsn <dsn>',
      options,
      io,
    )
  for (const outcome of report.having('planned'))
    if (!agreed.has(outcome.agent.name)) report.set({ ...outcome, state: 'declined' })
  if (agreed.size === 0) throw new Unanswered()
  return { board: given !== undefined || options.yes ? given : await boardFrom(options, io) }
}

/** Asks for a shared board only where no other setting names one. */
async function boardFrom({ user, globals }: SetupOptions, io: Io): Promise<BoardPlan | undefined> {
  const here = await boardHere(io)
  return 'fault' in here || here.from !== 'embedded' ? undefined : askForBoard(user, here.shown, globals, io)
}

/** Writes the board's address first: if that fails, nothing else is written. Then agent after agent, each whole. */
async function write(
  board: BoardPlan | undefined,
  signal: AbortSignal,
  options: SetupOptions,
  report: Report,
  io: Io,
): Promise<void> {
  const { user } = options
  const record = new SetupRecord(user ? undefined : projectTop(io.cwd), io.env)
  if (board?.changed) {
    const notes = await writeBoard(board, user, record, io)
    record.trySave()
    report.say(`presence: wrote ${board.path}: the board ${board.shown}`)
    for (const note of notes) io.err(`presence: note: ${note}`)
  }
  for (const outcome of report.having('planned')) {
    // Lets a signal in.
    await setImmediate()
    if (signal.aborted) return
    try {
      const { plan, note } = await writeAgent(outcome.agent, user, record, io)
      report.set({ ...outcome, plan, state: 'done' })
      for (const file of plan.files) report.say(fileLine('wrote', file))
      if (note !== undefined) io.err(`presence: note: ${note}`)
    } catch (error) {
      const failed = { ...outcome, fault: faultOf(error), state: 'failed' } as const
      report.set(failed)
      report.tellFault(failed)
    }
  }
}

/** Proves what is set up, and says what is left to the person. */
async function finish(
  board: BoardPlan | undefined,
  signal: AbortSignal,
  { user, globals }: SetupOptions,
  report: Report,
  io: Io,
): Promise<number> {
  const ready = [...report.having('in_place'), ...report.having('done')]
  const agents = ready.map(({ agent }) => agent.name)
  const place = { env: asAgentsHaveIt(io.env), cwd: io.cwd }
  const proof = await unlessAborted(prove(agents, globals, place), signal)
  if (proof === undefined) return interrupted(signal, report, io)
  for (const line of proofLines(proof, agents, io)) report.say(line)
  const notes = await Promise.all(ready.map(({ plan }) => plan && leftFor(plan, user, place.env, io.cwd)))
  const left = [...new Set([...notes.flatMap(each => each ?? []), ...untrustedNotes(proof)])]
  if (report.having('done').length > 0)
    left.push('agents that already run have it from their next session on')
  for (const line of left) report.say(`presence: left to you: ${line}`)
  report.json({ board: boardJson(board, board?.changed === true), doctor: proof, left })
  return worse(report.status, statusOf(proof))
}

async function unlessAborted(proof: Promise<Diagnosis>, signal: AbortSignal): Promise<Diagnosis | undefined> {
  const aborted = new Promise<undefined>(resolve => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  return Promise.race([aborted, proof])
}

function interrupted(signal: AbortSignal, report: Report, io: Io): number {
  report.json({ interrupted: true })
  const left = report.having('planned').map(({ agent }) => agent.name)
  io.err(
    left.length > 0
      ? `presence: interrupted before ${left.join(', ')}; for the rest, run presence setup again`
      : 'presence: interrupted; everything is written; to prove it: presence doctor --hooks --mcp',
  )
  return interruptedStatus(signal.reason)
}

function noAgents({ globals }: SetupOptions, io: Io): ExitStatus {
  const known = WIRING_AGENTS.map(({ name, programs }) => `${name} (${programs.join(' or ')})`).join(', ')
  const message = `found no agent that presence can set up, neither on your PATH nor by its settings folder: ${known}`
  const remedy = 'install one, or name it: presence setup --agent claude-code'
  return printUsage({ message, remedy }, globals, io, {})
}
