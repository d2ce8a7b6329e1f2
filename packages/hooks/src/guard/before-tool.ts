import { isAbsolute, resolve } from 'node:path'
import { type Board, type Guarded, PresenceError } from '@presence/core'
import { type GuardMode, type GuardSettings, guardSettings } from '@presence/core/internal'
import { analyze, analyzeTool, type Effect, purposeOf } from '@presence/guard'
import { nodeContext } from '@presence/guard/node'
import { viewOf } from '../context/view.ts'
import type { HookInput, HookOutput, Unknown } from '../hook.ts'
import type { LocalHost } from '../local-host.ts'
import type { Call } from '../respond.ts'
import { callIdOf, commandKey } from './call-id.ts'
import { filesOf, NO_SETTINGS } from './config.ts'
import { type Targets, targetsOf } from './effects.ts'
import { writeNames } from './names.ts'
import { noteOf } from './note.ts'
import { type OpenCall, OpenCalls } from './open-calls.ts'
import { type Asking, Pauses } from './pauses.ts'
import { isInOneMessage } from './same-message.ts'
import type { ShellCall } from './tool-call.ts'
import { refusalText, unknownRefusal, unknownText, wholesaleText } from './words.ts'

/** The least ttl of an automatic claim, and what it has beyond the tool's own time limit, in seconds. */
const TTL_LEAST = 900
const TTL_BEYOND = 60

export interface GuardCall extends Call {
  readonly host: LocalHost
  /** The mode of kinds that the configuration doesn't name. */
  readonly mode: GuardMode
  readonly env: Readonly<Record<string, string | undefined>>
  /** When this hook started, in milliseconds. */
  readonly startedAt: number
  /** Receives what to answer if the board doesn't answer in time. */
  readonly onWait: (output: HookOutput) => void
}

/**
 * Before a tool of the agent runs: finds what its command would change, claims that, and says whether it goes through.
 * An answer without `deny` and `ask` says nothing about permission, so the user's own rules decide.
 */
export async function guardTool(call: GuardCall): Promise<HookOutput> {
  const { adapter, host, env, mode, payload } = call
  const input = host.complete(adapter.read(payload, call.event))
  const me = host.sessionOf(input)
  const settings = settingsIn(input.cwd, env)
  if (!host.probe && input.sessionId !== '')
    writeNames(host.state, input.sessionId, {
      cwd: input.cwd,
      files: filesOf(input.cwd, env),
      config: settings.config,
    })
  const shell = adapter.shell(payload)
  const targets = targetsOf(effectsOf(call, input, shell, settings), mode, settings, env['PRESENCE_GUARD'])
  if (targets.wanted.length === 0) {
    host.probe?.('PreToolUse', { guarded: [] })
    if (host.probe || targets.wholesale.length === 0) return {}
    return new Asked(call, { input, shell, targets }).through(wholesaleText(targets.wholesale))
  }
  const asked = new Asked(call, { input, shell, targets })
  if (host.probe) return probed(host, input, me, targets)
  asked.begin()
  if (me === undefined) return asked.unknown({ reason: 'the agent did not say which session this is' })
  try {
    await using board = await host.open(input, { me, role: undefined, onTrouble: () => {} })
    return await asked.ask(board)
  } catch (error) {
    if (!(error instanceof PresenceError)) throw error
    const remedy = host.remedyFor(error)
    return asked.unknown({ reason: host.explain(error), remedy })
  }
}

/** A file that can't be used is reported where the board is opened. */
function settingsIn(cwd: string, env: GuardCall['env']): Pick<GuardSettings, 'config' | 'stricter'> {
  try {
    return guardSettings(cwd, env)
  } catch {
    return NO_SETTINGS
  }
}

function effectsOf(
  { env, payload }: GuardCall,
  input: HookInput,
  shell: ShellCall | undefined,
  { config }: Pick<GuardSettings, 'config'>,
): readonly Effect[] {
  if (shell === undefined) return analyzeTool(input.toolName ?? '', payload['tool_input'], config).effects
  const { folder } = shell
  const cwd = folder === undefined ? input.cwd : isAbsolute(folder) ? folder : resolve(input.cwd, folder)
  return analyze(shell.command, nodeContext({ cwd, env, config })).effects
}

/** A sample of `presence doctor`: it reports what would be claimed, and whether the board answers. */
async function probed(
  host: LocalHost,
  input: HookInput,
  me: string | undefined,
  { wanted }: Targets,
): Promise<HookOutput> {
  const guarded = wanted.map(({ label }) => label)
  try {
    await using board = await host.open(input, { me, role: undefined, onTrouble: () => {} })
    const value = await board.list({ latest: 1 })
    host.probe?.('PreToolUse', value.ok ? { guarded, others: { known: true, value } } : { guarded })
  } catch (error) {
    if (!(error instanceof PresenceError)) throw error
    const { since, code } = error
    const [reason, remedy] = [host.explain(error), host.remedyFor(error)]
    host.probe?.('PreToolUse', { guarded, others: { known: false, since, code, reason, remedy } })
  }
  return {}
}

interface Subject {
  readonly input: HookInput
  readonly shell: ShellCall | undefined
  readonly targets: Targets
}

/** One guarded call, from the question to the board to the answer for the agent. */
class Asked {
  readonly #call: GuardCall
  readonly #subject: Subject
  readonly #pauses: Pauses
  readonly #asking: Asking
  readonly #open: OpenCalls
  readonly #entry: OpenCall
  /** False if the agent accepts no text here: it is told with the command's result. */
  readonly #hears: boolean
  #isAwaited = false

  constructor(call: GuardCall, subject: Subject) {
    const { payload, host, startedAt, adapter, event, name } = call
    const { input, shell } = subject
    const callId = callIdOf(adapter.name, event, payload)
    const transcript = payload['transcript_path']
    this.#call = call
    this.#subject = subject
    this.#pauses = new Pauses(host.state, input.sessionId)
    this.#open = new OpenCalls(host.state, input.sessionId)
    this.#hears = adapter.write({ context: ' ' }, event, name) !== undefined
    this.#asking = {
      subagent: input.subagent,
      callId,
      startedAt,
      isBeside: calls =>
        isInOneMessage(typeof transcript === 'string' ? transcript : undefined, callId, calls),
    }
    const now = Date.now()
    this.#entry = {
      callId,
      command: commandKey(shell?.command ?? ''),
      at: now,
      until: now + this.#ttlSeconds * 1_000,
      ...(input.subagent === undefined ? {} : { subagent: input.subagent }),
    }
  }

  get #ttlSeconds(): number {
    return Math.max(TTL_LEAST, Math.ceil((this.#subject.shell?.timeoutMs ?? 0) / 1_000) + TTL_BEYOND)
  }

  get #labels(): readonly string[] {
    return this.#subject.targets.wanted.map(({ label }) => label)
  }

  /**
   * Says what the agent reads if this hook runs out of time or is ended. Then the claim may be on the board all the
   * same, so the end of the command settles it.
   */
  begin(): void {
    this.#call.onWait(this.unknown({ reason: 'the board did not answer in time' }))
  }

  async ask(board: Board): Promise<HookOutput> {
    const { input, shell, targets } = this.#subject
    const said = await board.guard({
      callId: this.#asking.callId,
      purpose: purposeOf(targets.effects),
      targets: targets.wanted.map(({ label, mode }) => ({
        label,
        mode,
        told: this.#pauses.passes(label, this.#asking),
      })),
      ttlSeconds: this.#ttlSeconds,
      ...(shell?.isBackground ? { background: true } : {}),
      ...(input.subagent === undefined ? {} : { subagent: input.subagent }),
    })
    // A label that the board refuses, for example because its kind isn't configured, can't be claimed by anybody.
    if (!said.ok) return this.through(unknownText(this.#labels, { reason: said.refusal.message }))
    if (said.decision === 'refused') return this.#refused(said)
    const view = viewOf(said.asOf, this.#call.host.hereOf(input))
    const untold = (keys: readonly string[]) => this.#pauses.untold(keys, this.#asking, Date.now())
    return this.through(noteOf(said.targets, targets.wholesale, untold, view))
  }

  #refused(said: Guarded): HookOutput {
    const now = Date.now()
    const { host } = this.#call
    const refused = said.targets
      .filter(target => target.refused !== undefined)
      .map(target => ({
        target,
        count: this.#pauses.refused(target.label, target.keys, this.#asking, now),
      }))
    return this.#stop({
      deny: refusalText(refused, viewOf(said.asOf, host.hereOf(this.#subject.input))),
    })
  }

  /** Nobody knows who else is there. In the strict modes a person decides, if the agent can ask. */
  unknown(why: Pick<Unknown, 'reason' | 'remedy'>): HookOutput {
    const { adapter, name } = this.#call
    const { wanted } = this.#subject.targets
    if (!wanted.some(({ mode }) => mode === 'deny' || mode === 'require'))
      return this.through(unknownText(this.#labels, why))
    const text = unknownRefusal(this.#labels, why)
    return adapter.asks.has(name) ? this.through(undefined, { ask: text }) : this.#stop({ deny: text })
  }

  /** The command goes through, unless somebody else stops it. */
  through(text: string | undefined, output: HookOutput = {}): HookOutput {
    // Where the agent reads the text now, nothing changes after `begin`.
    if (!this.#isAwaited || !this.#hears)
      this.#open.add({ ...this.#entry, ...(this.#hears ? {} : { note: text }) })
    this.#isAwaited = true
    return text === undefined || !this.#hears ? output : { ...output, context: text }
  }

  #stop(output: HookOutput): HookOutput {
    if (this.#isAwaited) this.#open.take(this.#entry, Date.now())
    this.#isAwaited = false
    return output
  }
}
