import { existsSync, readFileSync } from 'node:fs'
import type { Environment, FaultCode } from '@presence/core'
import { answered, postJson, refusalIn } from '@presence/core/internal'
import { parsed } from './json.ts'
import { LOOK_AT_BOARD, launcherProblem, type Problem, PUT_ON_PATH } from './problem.ts'
import { runProgram } from './program.ts'

/** The time limit that the wiring gives a hook, in milliseconds. */
const ALLOWED_MS = 3_000
const WIRE_AGAIN = 'run: presence init --hooks <agent>, and make sure that presence is on PATH'

/** A hook that is a request, in Claude Code's form: its headers name variables of the agent's environment. */
export interface HookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The variables that the agent fills in. */
  readonly allowedEnvVars: readonly string[]
}

/** How an agent calls a hook: by a command, as a shell runs it, or by a request. */
export type Call = { readonly command: string } | { readonly http: HookRequest }

/** What a hook answered. */
export interface Answer {
  readonly output: string
  /** True if presence asked the board, which answered; false if it asked no board. */
  readonly asked: boolean
  /** The labels that the guard would have claimed; undefined if the hook is not the guard's. */
  readonly guarded: readonly string[] | undefined
}

/** What a sample call needs. */
export interface CallOptions {
  readonly payload: string
  readonly env: Environment
  readonly cwd: string
  /** The file to which a command that calls presence adds its report. */
  readonly reportFile: string
}

/**
 * Calls a hook as its agent would, and checks the answer. presence reports that it ran and what the board
 * answered, because a command that exits 0 may have done nothing.
 */
export async function callHook(call: Call, options: CallOptions): Promise<Answer | Problem> {
  const reply = await ('http' in call ? send(call.http, options) : run(call.command, options))
  if ('message' in reply) return reply
  const { output, report } = reply
  if (output !== '' && parsed(output) === undefined)
    return { message: 'printed something that is not JSON', remedy: WIRE_AGAIN }
  if (!report)
    return {
      message: 'exited with status 0, but presence never ran: the command did not find it',
      remedy: PUT_ON_PATH,
    }
  const { unknown, code, remedy, guarded } = report
  if (typeof unknown !== 'string') return { output, asked: unknown === null, guarded }
  return remedy === undefined
    ? { message: `the board did not answer it: ${unknown}`, remedy: LOOK_AT_BOARD }
    : { message: `the board can't be used: ${unknown}`, remedy, code }
}

interface Reply {
  readonly output: string
  /** Undefined if presence never ran. */
  readonly report: Report | undefined
}

/** What a presence that ran says about itself: see packages/hooks/src/probe.ts. */
interface Report {
  /** Why the board gave no answer; null if it answered, undefined if it was not asked. */
  readonly unknown?: string | null
  /** The fault's code. */
  readonly code?: FaultCode
  /** What somebody has to fix before the board can be used. */
  readonly remedy?: string
  /** The labels that the guard would have claimed. */
  readonly guarded?: readonly string[]
}

async function run(
  command: string,
  { payload, env, cwd, reportFile }: CallOptions,
): Promise<Reply | Problem> {
  const { status, stdout, stderr } = await runProgram(['sh', '-c', command], payload, {
    env: { ...env, PRESENCE_PROBE: reportFile },
    cwd,
    ms: ALLOWED_MS,
  })
  if (status === null) return { message: `did not answer within ${ALLOWED_MS} ms`, remedy: LOOK_AT_BOARD }
  if (status !== 0) return { message: `exited with status ${status}`, remedy: WIRE_AGAIN }
  const problem = launcherProblem(stderr)
  if (problem) return problem
  if (stderr !== '') return { message: `printed an error: ${stderr.split('\n')[0]}`, remedy: WIRE_AGAIN }
  return { output: stdout, report: reportIn(reportFile) }
}

async function send(http: HookRequest, { payload, env }: CallOptions): Promise<Reply | Problem> {
  const remedy = 'start the server: presence serve; if it requires a token, set PRESENCE_SERVER_TOKEN'
  try {
    const headers = { 'x-presence-probe': '1', ...filledIn(http, env) }
    const answer = await postJson(http.url, headers, payload, ALLOWED_MS)
    const { status } = answer
    if (status === 401)
      return {
        message: `${http.url} ${answered(answer)}`,
        remedy: 'set PRESENCE_SERVER_TOKEN to a token of this server',
        code: 'access_denied',
      }
    if (status !== 200)
      return { message: `${http.url} ${answered(answer)}`, remedy: refusalIn(answer)?.remedy ?? remedy }
    const report = answer.headers['x-presence-probe']
    return typeof report === 'string'
      ? { output: answer.body, report: parsed(report) }
      : { message: `${http.url} is not a presence server`, remedy }
  } catch (error) {
    return { message: `${http.url} ${(error as Error).message}`, remedy }
  }
}

/** The headers as the agent would send them. A variable that isn't set becomes empty. */
export function filledIn(
  { headers, allowedEnvVars }: HookRequest,
  env: Environment,
): Readonly<Record<string, string>> {
  const filled = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace(/\$([A-Z_]+)/, (_, variable: string) =>
      allowedEnvVars.includes(variable) ? (env[variable] ?? '') : '',
    ),
  ])
  return Object.fromEntries(filled)
}

function reportIn(file: string): Report | undefined {
  const [line = ''] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  return parsed(line)
}
