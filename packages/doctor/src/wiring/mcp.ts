import type { Environment, FaultCode } from '@presence/core'
import { natureOf, type Probe } from '@presence/core/internal'
import { broken, brokenBy, type Finding, note, ok } from '../finding.ts'
import { parsed } from './json.ts'
import { LOOK_AT_BOARD, launcherProblem, type Problem, PUT_ON_PATH } from './problem.ts'
import { NOT_STARTED, runProgram } from './program.ts'
import { mcpIds, refusesAgents, type Sample, sampleFor } from './sample.ts'

/** A server named presence in a file that makes an agent start MCP servers. */
export interface McpServer {
  readonly agent: string
  readonly file: string
  /**
   * The environment in which the agent starts `presence mcp`; undefined if the entry names another command or sets
   * variables itself; a fault if the file can't be read.
   */
  readonly environment: Probe<Environment | undefined>
}

/** The time limit for the answers, in milliseconds. Agents wait longer. */
const ALLOWED_MS = 3_000

const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'presence-doctor', version: '1' },
  },
}
const ASK = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'list', arguments: {} } }

/**
 * Checks that agents get an answer: starts `presence mcp` as an agent would, and asks the board one question. It
 * leaves nothing on the board.
 */
export async function checkMcp(
  servers: readonly McpServer[],
  env: Environment,
  cwd: string,
): Promise<readonly Finding[]> {
  if (servers.length === 0)
    return [
      note(
        'mcp',
        "no agent starts presence mcp, neither by this project's settings nor by your own",
        'run: presence setup',
      ),
    ]
  const answers = new Map<string, number | Problem>()
  const findings: Finding[] = []
  // One after the other, because a busy machine may be too slow for several.
  for (const { agent, file, environment } of servers) {
    const name = `${agent} mcp`
    if ('fault' in environment) {
      findings.push(brokenBy(name, environment.fault))
      continue
    }
    if (environment.value === undefined) {
      findings.push(
        note(
          name,
          `starts a command that presence did not write, or sets variables for it, so doctor does not run it (${file})`,
          'run it yourself if you know it; to replace it, remove it from that file, and run: presence init --mcp <agent>',
        ),
      )
      continue
    }
    // The command is the same everywhere, so it is run once for each environment.
    const key = JSON.stringify(Object.entries(environment.value).sort())
    const answer = answers.get(key) ?? (await check(environment.value, cwd))
    answers.set(key, answer)
    findings.push(findingOn(answer, { agent, file, withheld: withheldFrom(environment.value, env) }))
  }
  return findings
}

interface Asked {
  readonly agent: string
  readonly file: string
  /** The variables that are set here, and that the agent doesn't pass on. */
  readonly withheld: readonly string[]
}

function findingOn(answer: number | Problem, { agent, file, withheld }: Asked): Finding {
  const name = `${agent} mcp`
  const but = `${agent} does not pass ${withheld.join(', ')} on to it (${file})`
  // Gemini CLI never does: see its settings in packages/cli/src/wiring/mcp.ts.
  const remedy =
    agent === 'gemini-cli' && withheld.includes('PRESENCE_PASSWORD')
      ? 'write the password into a file, and name that in PRESENCE_PASSWORD_FILE instead'
      : `name it in that file; presence setup does it for presence's own entry`
  if (typeof answer === 'number')
    return withheld.includes('PRESENCE_DSN')
      ? broken(name, `it may answer from another board: ${but}`, remedy)
      : ok(name, `answers in ${answer} ms, and the board answers it (${file})`)
  const { message, code } = answer
  return withheld.length > 0 && code !== undefined && natureOf(code) === 'fix'
    ? broken(name, `${message}; ${but}`, remedy, code)
    : broken(name, `${message} (${file})`, answer.remedy, code)
}

/** The settings of the board that an agent keeps from its server. */
function withheldFrom(given: Environment, env: Environment): readonly string[] {
  return Object.keys(env).filter(
    name => /^PRESENCE_(DSN|TRUST|PASSWORD|SERVER_TOKEN)/.test(name) && env[name] && !given[name],
  )
}

/** Asks as a session that the token may act as, and then checks that it may act as an agent's session, too. */
async function check(env: Environment, cwd: string): Promise<number | Problem> {
  const sample = env['PRESENCE_SESSION_ID'] ? { id: undefined } : await sampleFor(undefined, env, cwd)
  const answer = await ask(sampleEnv(env, sample), cwd)
  return typeof answer === 'number' ? (refusesAgents(sample, mcpIds(env)) ?? answer) : answer
}

/** The environment of the agent's MCP server, with a session that the token may act as. */
function sampleEnv(env: Environment, { id, token }: Sample): Environment {
  return id === undefined || token === undefined ? env : { ...env, PRESENCE_SESSION_ID: id }
}

/** How many milliseconds the server took for its first answer, or what is wrong. */
async function ask(env: Environment, cwd: string): Promise<number | Problem> {
  const from = performance.now()
  let took = 0
  const until = (stdout: string) => {
    took ||= Math.round(performance.now() - from)
    return stdout.includes('"id":2')
  }
  const input = `${JSON.stringify(HELLO)}\n${JSON.stringify(ASK)}\n`
  const options = { env, cwd, ms: ALLOWED_MS, until }
  const { status, stdout } = await runProgram(['presence', 'mcp'], input, options)
  if (status === NOT_STARTED) return { message: "can't be started", remedy: PUT_ON_PATH }
  const answers = stdout
    .split('\n')
    .filter(Boolean)
    .map(line => parsed<Message>(line))
  if (answers.includes(undefined))
    return {
      message: 'printed something that is not an MCP message',
      remedy: 'run: presence init --mcp <agent>',
    }
  const answer = answers.find(each => each?.id === ASK.id)
  if (!answer) return { message: `did not answer within ${ALLOWED_MS} ms`, remedy: LOOK_AT_BOARD }
  if (answer.error) {
    const message = answer.error.message ?? ''
    return launcherProblem(message) ?? { message: `answers with an error: ${message}`, remedy: LOOK_AT_BOARD }
  }
  return answer.result?.isError ? problemIn(answer.result) : took
}

/** What the tool said: see packages/mcp/src/answer.ts. */
function problemIn({ content, _meta }: ToolResult): Problem {
  const text = content?.[0]?.text ?? ''
  const [, fault, remedy] =
    /^The board can't be used until this is fixed: (.+?)\. To fix it: (.+)$/.exec(text) ?? []
  return fault === undefined || remedy === undefined
    ? { message: `the board did not answer it: ${text}`, remedy: LOOK_AT_BOARD }
    : { message: `the board can't be used: ${fault}`, remedy, code: _meta?.['presence/code'] }
}

/** A message of the server, as far as it is read here. */
interface Message {
  readonly id?: number
  readonly error?: { readonly message?: string }
  readonly result?: ToolResult
}

interface ToolResult {
  readonly isError?: boolean
  readonly content?: readonly { readonly text?: string }[]
  readonly _meta?: { readonly 'presence/code'?: FaultCode }
}
