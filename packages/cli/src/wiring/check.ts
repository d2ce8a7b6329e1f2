import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment, Finding } from '@presence/core'
import { SESSION_PARTS, sessionFile, stateFolder } from '@presence/core/internal'
import { ask, mayHaveToken } from './check-http.ts'
import { findHandlers, type Handler } from './find.ts'
import type { HttpHook } from './http-hook.ts'

/** The time limit that the wiring gives a hook, in milliseconds. */
const ALLOWED_MS = 3_000
/** How many characters of a hook's output are shown. */
const SHOWN_MAX = 80

/** The session of the sample events; no real session has this id. */
const SAMPLE = `presence-doctor-${process.pid}`

/**
 * Checks that hooks fire: finds every handler of ours, reports events that are wired twice, and runs each
 * command one after the other as the agent would, with a sample payload. The hook leaves a line for the
 * doctor that proves that presence ran and what the board answered, because a command that exits 0 may have
 * done nothing. It leaves nothing on the board.
 */
export async function checkHooks(env: Environment, cwd: string): Promise<readonly Finding[]> {
  const handlers = findHandlers(env, cwd)
  if (handlers.length === 0)
    return [
      {
        check: 'hooks',
        status: 'note',
        message: "no agent has presence hooks, neither in this project's settings nor in your own",
        remedy: 'run: presence init --hooks claude-code',
      },
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
 * Reports events with two different commands. If two files have the same command, the agent runs it only
 * once. It runs two different commands both, and the second one finds that the event is already answered.
 */
function twice(handlers: readonly Handler[]): readonly Finding[] {
  const byEvent = Map.groupBy(handlers, ({ agent, event }) => `${agent} ${event}`)
  return [...byEvent].flatMap(([event, all]): readonly Finding[] => {
    const commands = new Set(
      all.map(each => ('http' in each ? each.http.url : each.command.replace(/ --deny-task-tools$/, ''))),
    )
    if (commands.size < 2) return []
    const files = [...new Set(all.map(({ file }) => file))].join(' and ')
    return [
      {
        check: 'hooks',
        status: 'note',
        message: `${event} fires ${commands.size} times: ${files}; the first answers, and the others only cost time`,
        remedy:
          'keep one of them; remove the others: presence init --hooks <agent> --remove (with --user: from your own settings)',
      },
    ]
  })
}

/** Runs a handler as its agent would, for a session that holds nothing. */
async function fire(handler: Handler, env: Environment, cwd: string, probe: string): Promise<Finding> {
  const { agent, event, file } = handler
  const check = `${agent} ${event}`
  if (!handler.ours)
    return {
      check,
      status: 'note',
      message: `presence did not write ${JSON.stringify('http' in handler ? handler.http.url : handler.command)}, so doctor does not run it (${file})`,
      remedy: 'run it yourself if you know it, or set it up again: presence init --hooks <agent>',
    }
  const payload = {
    session_id: SAMPLE,
    conversation_id: SAMPLE,
    hook_event_name: event,
    cwd,
    source: 'startup',
    reason: 'other',
    // Makes each sample a separate event, even if the event is wired twice.
    sample: probe,
  }
  const server = 'http' in handler ? handler.http.url : /--http '([^']*)'/.exec(handler.command)?.[1]
  const withToken = server === undefined || mayHaveToken(server, handler.own)
  const from = performance.now()
  const ended = await ('http' in handler
    ? send(handler.http, JSON.stringify(payload), env, { withToken, probe })
    : runCommand(handler.command, JSON.stringify(payload), env, { withToken, probe }))
  const took = Math.round(performance.now() - from)
  const problem = problemOf(ended) ?? problemIn(probe)
  if (problem !== undefined && !withToken && WANTS_TOKEN.test(problem.message))
    return {
      check,
      status: 'note',
      message: `${server} answers, and requires a token; doctor does not send it, because the address comes from a project's settings (${file})`,
      remedy: 'to have it checked, run: presence init --hooks <agent> --http <url> --user',
    }
  if (problem !== undefined)
    return { check, status: 'broken', message: `${problem.message} (${file})`, remedy: problem.remedy }
  const says = ended.stdout === '' || ended.stdout === '{}' ? 'says nothing' : `says ${shown(ended.stdout)}`
  return { check, status: 'ok', message: `fires in ${took} ms, ${boardIn(probe)}, and ${says} (${file})` }
}

/** What a server answers to a request without a token. */
const WANTS_TOKEN = /answered 401$/

interface Means {
  readonly withToken: boolean
  readonly probe: string
}

function runCommand(
  command: string,
  payload: string,
  env: Environment,
  { withToken, probe }: Means,
): Promise<Ended> {
  const {
    CLAUDE_ENV_FILE: _file,
    CLAUDE_PID: _pid,
    PRESENCE_SESSION_ID: _id,
    PRESENCE_SERVER_TOKEN,
    ...rest
  } = env
  forgetSample(env)
  return run(command, payload, {
    ...rest,
    ...(withToken && PRESENCE_SERVER_TOKEN !== undefined ? { PRESENCE_SERVER_TOKEN } : {}),
    CLAUDE_CODE_SESSION_ID: SAMPLE,
    PRESENCE_PROBE: probe,
  })
}

/**
 * Sends a request and reports its result like that of a command. A server that refuses has already said why.
 */
async function send(
  http: HttpHook,
  payload: string,
  env: Environment,
  { withToken, probe }: Means,
): Promise<Ended> {
  const { PRESENCE_SESSION_ID: _id, ...rest } = env
  const ended = { status: 0, stdout: '', stderr: '' }
  try {
    const { status, body, headers } = await ask(http, payload, rest, { ms: ALLOWED_MS, withToken })
    if (status !== 200) return { ...ended, failed: `${http.url} answered ${status}` }
    const report = headers['x-presence-probe']
    if (typeof report !== 'string') return { ...ended, failed: `${http.url} is not a presence server` }
    writeFileSync(probe, `${report}\n`)
    return { ...ended, stdout: body }
  } catch (error) {
    return { ...ended, failed: `${http.url} ${(error as Error).message}` }
  }
}

interface Problem {
  readonly message: string
  readonly remedy: string
}

const WIRE_AGAIN = 'run: presence init --hooks <agent>, and make sure that presence is on PATH'

function problemOf({ status, stdout, stderr, failed }: Ended): Problem | undefined {
  if (failed !== undefined)
    return {
      message: failed,
      remedy: 'start the server: presence serve; if it requires a token, set PRESENCE_SERVER_TOKEN',
    }
  if (status === null)
    return { message: `did not answer within ${ALLOWED_MS} ms`, remedy: 'run: presence doctor' }
  if (status !== 0) return { message: `exited with status ${status}`, remedy: WIRE_AGAIN }
  if (stderr !== '') return { message: `printed an error: ${stderr.split('\n')[0]}`, remedy: WIRE_AGAIN }
  if (stdout === '') return undefined
  try {
    JSON.parse(stdout)
    return undefined
  } catch {
    return { message: 'printed something that is not JSON', remedy: WIRE_AGAIN }
  }
}

function problemIn(probe: string): Problem | undefined {
  const report = reportIn(probe)
  if (report === undefined)
    return {
      message: 'exited with status 0, but presence never ran: the command did not find it',
      remedy: 'put presence on PATH: link or copy it into a folder on PATH',
    }
  return typeof report.unknown === 'string'
    ? { message: `the board did not answer it: ${report.unknown}`, remedy: 'run: presence doctor' }
    : undefined
}

function boardIn(probe: string): string {
  return reportIn(probe)?.unknown === null ? 'the board answers' : 'asks no board'
}

function reportIn(probe: string): { readonly unknown?: string | null } | undefined {
  try {
    return JSON.parse(readFileSync(probe, 'utf8').split('\n')[0] ?? '')
  } catch {
    return undefined
  }
}

function shown(stdout: string): string {
  const text = stdout.trim()
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}… (${text.length} characters)`
}

interface Ended {
  /** Set if a server could not be reached, or refused. */
  readonly failed?: string
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(command: string, input: string, env: Environment): Promise<Ended> {
  const { spawn } = process.getBuiltinModule('node:child_process')
  return new Promise(resolve => {
    const child = spawn('sh', ['-c', command], { env, timeout: ALLOWED_MS, killSignal: 'SIGKILL' })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    child.on('error', error => resolve({ status: 1, stdout, stderr: error.message }))
    child.on('close', status => resolve({ status, stdout, stderr }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}
