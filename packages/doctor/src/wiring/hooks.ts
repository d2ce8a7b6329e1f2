import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '@presence/core'
import { SESSION_PARTS, sessionFile, stateFolder } from '@presence/core/internal'
import { broken, type Finding, note, ok } from '../finding.ts'
import { type Call, callHook } from './call.ts'

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
   * True if the doctor may send the user's token to that server. Anybody may have written a project's
   * settings, so the token is sent only to this machine and to addresses from the user's own settings.
   */
  readonly trusted: boolean
}

/** How many characters of a hook's output are shown. */
const SHOWN_MAX = 80
/** Matches a server's answer to a request without a token. */
const WANTS_TOKEN = /answered 401$/

/** The session of the sample events; no real session has this id. */
const SAMPLE = `presence-doctor-${process.pid}`

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
        'run: presence init --hooks claude-code',
      ),
    ]
  const folder = mkdtempSync(join(tmpdir(), 'presence-doctor-'))
  try {
    const fired: Finding[] = []
    for (const [at, handler] of handlers.entries())
      fired.push(await fire(handler, env, cwd, join(folder, String(at))))
    return [...twice(handlers), ...fired]
  } finally {
    rmSync(folder, { recursive: true, force: true })
    forgetSample(env)
  }
}

/** Removes all local state of the sample session. Its heartbeat would throttle the next hook. */
function forgetSample(env: Environment): void {
  for (const part of SESSION_PARTS) rmSync(sessionFile(stateFolder(env), SAMPLE, part), { force: true })
}

/**
 * Reports events with two different hooks. If two files have the same command, the agent runs it only once.
 * It runs both of two different commands, and the second finds that the event was already answered.
 */
function twice(handlers: readonly Handler[]): readonly Finding[] {
  const byEvent = Map.groupBy(handlers, ({ agent, event }) => `${agent} ${event}`)
  return [...byEvent].flatMap(([event, all]) => {
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
async function fire(handler: Handler, env: Environment, cwd: string, reportFile: string): Promise<Finding> {
  const { agent, event, file, server, trusted } = handler
  const check = `${agent} ${event}`
  if (!handler.ours)
    return note(
      check,
      `presence did not write ${JSON.stringify(textOf(handler))}, so doctor does not run it (${file})`,
      'run it yourself if you know it, or set it up again: presence init --hooks <agent>',
    )
  forgetSample(env)
  const payload = JSON.stringify({
    session_id: SAMPLE,
    conversation_id: SAMPLE,
    hook_event_name: event,
    cwd,
    source: 'startup',
    reason: 'other',
    // Makes each sample a separate event, even if the event is wired twice.
    sample: reportFile,
  })
  const from = performance.now()
  const answer = await callHook(handler, { payload, env: sampleEnv(env, trusted), cwd, reportFile })
  const took = Math.round(performance.now() - from)
  if ('output' in answer)
    return ok(
      check,
      `takes ${took} ms; ${answer.asked ? 'the board answers' : 'does not ask the board'}; the hook's output is ${said(answer.output)} (${file})`,
    )
  if (!trusted && WANTS_TOKEN.test(answer.message))
    return note(
      check,
      `${server} answers, and requires a token; doctor does not send it, because the address comes from a project's settings (${file})`,
      'to have it checked, run: presence init --hooks <agent> --http <url> --user',
    )
  return broken(check, `${answer.message} (${file})`, answer.remedy)
}

/** The environment as the agent gives it to a hook of the sample session. */
function sampleEnv(env: Environment, withToken: boolean): Environment {
  const { CLAUDE_ENV_FILE: _file, CLAUDE_PID: _pid, PRESENCE_SESSION_ID: _id, ...rest } = env
  const { PRESENCE_SERVER_TOKEN: _token, ...tokenless } = rest
  return { ...(withToken ? rest : tokenless), CLAUDE_CODE_SESSION_ID: SAMPLE }
}

function said(output: string): string {
  const text = output.trim()
  if (output === '' || output === '{}') return 'empty'
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}… (${text.length} characters)`
}
