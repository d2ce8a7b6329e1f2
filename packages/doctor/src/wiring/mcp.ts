import type { Environment } from '@presence/core'
import type { Probe } from '@presence/core/internal'
import { broken, brokenBy, type Finding, note, ok } from '../finding.ts'
import { parsed } from './json.ts'
import { LOOK_AT_BOARD, type Problem, PUT_ON_PATH } from './problem.ts'
import { NOT_STARTED, runProgram } from './program.ts'

/** A server named presence in a file that makes an agent start MCP servers. */
export interface McpServer {
  readonly agent: string
  readonly file: string
  /** Whether it is exactly what presence writes; a fault if the file can't be read. */
  readonly ours: Probe<boolean>
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
        'run: presence init --mcp claude-code',
      ),
    ]
  // All of ours are the same command, so it is run once.
  const isOurs = ({ ours }: McpServer) => 'value' in ours && ours.value
  const answer = servers.some(isOurs) ? await ask(env, cwd) : undefined
  return servers.map(({ agent, file, ours }): Finding => {
    const check = `${agent} mcp`
    if ('fault' in ours) return brokenBy(check, ours.fault)
    if (!ours.value || answer === undefined)
      return note(
        check,
        `starts a command that presence did not write, so doctor does not run it (${file})`,
        'run it yourself if you know it; to replace it, remove it from that file, and run: presence init --mcp <agent>',
      )
    return typeof answer === 'number'
      ? ok(check, `answers in ${answer} ms, and the board answers it (${file})`)
      : broken(check, `${answer.message} (${file})`, answer.remedy)
  })
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
  return answer.result?.isError
    ? { message: `the board did not answer it: ${answer.result.content?.[0]?.text}`, remedy: LOOK_AT_BOARD }
    : took
}

/** A message of the server, as far as it is read here. */
interface Message {
  readonly id?: number
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text?: string }[] }
}
