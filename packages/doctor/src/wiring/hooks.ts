import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '@presence/core'
import { SESSION_PARTS, sessionFile, stateFolder } from '@presence/core/internal'
import { broken, type Finding, note, ok } from '../finding.ts'
import { type Answer, type Call, type CallOptions, callHook } from './call.ts'
import { expectedFor, GUARDED_SAMPLE, guardedPayload, guardModeIn, isGuard } from './guard.ts'
import { hooksId, refusesAgents, SAMPLE, type Sample, sampleFor } from './sample.ts'

/** A hook of ours in an agent's settings, or in its plugin. */
export type Handler = Call & {
  readonly agent: string
  readonly event: string
  readonly file: string
  /**
   * True if it is exactly what presence writes. Anything else may come from others, and the user has not
   * asked to run it.
   */
  readonly ours: boolean
  /** The presence server that it asks; undefined if it asks the board itself. */
  readonly server: string | undefined
  /**
   * True if this user trusts that server. Anybody may have written a project's settings, so the doctor calls
   * no hook that asks another one.
   */
  readonly trusted: boolean
}

/** How many characters of a hook's output are shown. */
const SHOWN_MAX = 80

/**
 * Checks that hooks fire: reports events that are wired twice, and calls each hook one after the other as the
 * agent would, with a sample event. It leaves nothing on the board.
 */
export async function checkHooks(
  handlers: readonly Handler[],
  env: Environment,
  cwd: string,
): Promise<readonly Finding[]> {
  if (handlers.length === 0)
    return [
      note(
        'hooks',
        "no agent has presence hooks, neither in this project's settings nor in your own",
        'run: presence setup',
      ),
    ]
  const folder = mkdtempSync(join(tmpdir(), 'presence-doctor-'))
  const samples = new Map<string | undefined, Sample>()
  try {
    const fired: Finding[] = []
    for (const [at, handler] of handlers.entries()) {
      const { server, trusted, ours } = handler
      // A hook that doesn't get the token needs no session of the token.
      const known = ours && trusted ? samples.get(server) : { id: SAMPLE }
      const sample = known ?? (await sampleFor(server, env, cwd))
      if (!known) samples.set(server, sample)
      fired.push(await fire(handler, sample, { env, cwd, reportFile: join(folder, String(at)) }))
    }
    return [...twice(handlers), ...fired, ...refused(samples.values(), hooksId(env))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
    for (const { id = SAMPLE } of samples.values()) forgetSample(env, id)
    forgetSample(env, SAMPLE)
  }
}

/** Reports tokens that act as the sample session, but not as an agent's. Each token once. */
function refused(samples: Iterable<Sample>, id: string): readonly Finding[] {
  const byToken = new Map([...samples].map(sample => [sample.token, refusesAgents(sample, [id])]))
  return [...byToken.values()].flatMap(problem =>
    problem ? [broken('hooks', problem.message, problem.remedy)] : [],
  )
}

/** Removes all local state of the sample session. Its heartbeat would throttle the next hook. */
function forgetSample(env: Environment, id: string): void {
  for (const part of SESSION_PARTS) rmSync(sessionFile(stateFolder(env), id, part), { force: true })
}

/**
 * Reports events with two different hooks. If two files have the same command, the agent runs it only once.
 * It runs both of two different commands, and the second finds that the event was already answered.
 */
function twice(handlers: readonly Handler[]): readonly Finding[] {
  // The guard, and what denies task lists, are two hooks for different tools.
  const purposeOf = (call: Call) => /--deny-task-tools/.exec(textOf(call))?.[0] ?? ''
  const byEvent = Map.groupBy(handlers, each => `${each.agent} ${each.event}\n${purposeOf(each)}`)
  return [...byEvent].flatMap(([key, all]) => {
    const [event] = key.split('\n')
    const times = new Set(all.map(textOf)).size
    const files = [...new Set(all.map(({ file }) => file))].join(' and ')
    if (times < 2) return []
    return [
      note(
        'hooks',
        `${event} fires ${times} times: ${files}; the first answers, and the others only cost time`,
        'keep one of them; remove the others: presence init --hooks <agent> --remove (with --user: from your own settings)',
      ),
    ]
  })
}

function textOf(call: Call): string {
  return 'http' in call ? call.http.url : call.command
}

/** Calls a hook as its agent would, for a session that holds nothing. */
async function fire(
  handler: Handler,
  { id, token }: Sample,
  { env, cwd, reportFile }: Omit<CallOptions, 'payload'>,
): Promise<Finding> {
  const { agent, event, file, server, trusted } = handler
  const check = `${agent} ${event}`
  if (!handler.ours)
    return note(
      check,
      `presence did not write ${JSON.stringify(textOf(handler))}, so doctor does not run it (${file})`,
      'run it yourself if you know it, or set it up again: presence init --hooks <agent>',
    )
  if (!trusted)
    return note(
      check,
      `asks ${server}, which you haven't trusted, so doctor does not run it (${file})`,
      'read that file, then run: presence trust',
    )
  if (id === undefined)
    return note(
      check,
      `not run, because the token "${token}" acts only as certain sessions, and a sample could disturb them (${file})`,
      'to have it checked, use a token for your own sessions, or one with a pattern such as "ci-*"',
    )
  forgetSample(env, id)
  const mode = isGuard(handler) ? guardModeIn(textOf(handler)) : undefined
  const expected = mode === undefined ? undefined : expectedFor(mode, env, cwd)
  if (expected?.length === 0)
    return note(
      check,
      `the settings of the guard, or PRESENCE_GUARD, say that a command such as "${GUARDED_SAMPLE}" is not claimed, so doctor can't prove it (${file})`,
      'look at guard.ignore and guard.modes in your config files: presence guard -- <command>',
    )
  const payload = JSON.stringify({
    session_id: id,
    conversation_id: id,
    hook_event_name: event,
    cwd,
    source: 'startup',
    reason: 'other',
    // Makes each sample a separate event, even if the event is wired twice.
    sample: reportFile,
    ...(mode === undefined ? {} : guardedPayload(agent, event)),
  })
  const from = performance.now()
  const answer = await callHook(handler, { payload, env: sampleEnv(env, id), cwd, reportFile })
  const took = Math.round(performance.now() - from)
  if ('output' in answer && expected !== undefined && !isProved(answer, expected))
    return broken(
      check,
      `the guard would not claim ${expected.join(', ')} for "${GUARDED_SAMPLE}" (${file})`,
      'set it up again: presence init --hooks <agent>; if that changes nothing, the presence on PATH is an older one',
    )
  if ('output' in answer) {
    const claims = expected === undefined ? '' : `it would claim ${expected.join(', ')} for a sample; `
    return ok(
      check,
      `takes ${took} ms; ${claims}${answer.asked ? 'the board answers' : 'does not ask the board'}; the hook's output is ${said(answer.output)} (${file})`,
    )
  }
  return broken(check, `${answer.message} (${file})`, answer.remedy, answer.code)
}

function isProved({ guarded = [] }: Answer, expected: readonly string[]): boolean {
  return expected.every(label => guarded.includes(label))
}

/** The environment as the agent gives it to a hook of the sample session. */
function sampleEnv(env: Environment, id: string): Environment {
  const { CLAUDE_ENV_FILE: _file, CLAUDE_PID: _pid, PRESENCE_SESSION_ID: _id, ...rest } = env
  return { ...rest, CLAUDE_CODE_SESSION_ID: id }
}

function said(output: string): string {
  const text = output.trim()
  if (output === '' || output === '{}') return 'empty'
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}… (${text.length} characters)`
}
