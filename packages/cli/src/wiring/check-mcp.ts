import { existsSync, readFileSync } from 'node:fs'
import { type Environment, type Finding, isFault } from '@presence/core'
import { isWrittenServer, MCP_AGENTS, mcpPath, serverIn, TABLE } from './mcp.ts'

/** The time limit for the first answer, in milliseconds. Agents wait longer. */
const ANSWER_MS = 3_000

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
 * Checks that agents get an answer: finds every file that makes an agent start `presence mcp`, starts it as
 * the agent would, and asks the board one question. It leaves nothing on the board.
 */
export async function checkMcp(env: Environment, cwd: string): Promise<readonly Finding[]> {
  const files = MCP_AGENTS.flatMap(agent =>
    [false, true].flatMap(user =>
      user && agent.userFile === undefined ? [] : [{ agent, path: mcpPath(agent, user, env, cwd) }],
    ),
  )
  const looked = await Promise.all(
    files.map(async ({ agent, path }) => {
      const ours = await wiredIn(path, agent.format).catch((error: unknown) => {
        if (isFault(error)) return error
        throw error
      })
      return ours === undefined ? [] : [{ check: `${agent.name} mcp`, path, ours }]
    }),
  )
  const wired = looked.flat()
  const unique = [...new Map(wired.map(each => [each.path, each])).values()]
  if (unique.length === 0)
    return [
      {
        check: 'mcp',
        status: 'note',
        message: "no agent starts presence mcp, neither by this project's settings nor by your own",
        remedy: 'run: presence init --mcp claude-code',
      },
    ]
  const asked = unique.some(({ ours }) => ours === true) ? await ask(env, cwd) : undefined
  return unique.map(({ check, path, ours }): Finding => {
    if (isFault(ours)) return { check, status: 'broken', message: ours.message, remedy: ours.remedy }
    if (!ours || asked === undefined)
      return {
        check,
        status: 'note',
        message: `starts a command that presence did not write, so doctor does not run it (${path})`,
        remedy:
          'run it yourself if you know it; to replace it, remove it from that file, and run: presence init --mcp <agent>',
      }
    return typeof asked === 'number'
      ? { check, status: 'ok', message: `answers in ${asked} ms, and the board answers it (${path})` }
      : { check, status: 'broken', message: `${asked.message} (${path})`, remedy: asked.remedy }
  })
}

/** True if a file's server named presence is ours, false if it is another one, undefined if there is none. */
async function wiredIn(path: string, format: 'json' | 'toml'): Promise<boolean | undefined> {
  if (format === 'json') {
    const server = serverIn(path)
    return server === undefined ? undefined : isWrittenServer(server)
  }
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (!text.includes('presence')) return undefined
  const { isOurs } = await import('./toml.ts')
  return isOurs(text, path, TABLE)
}

/** How many milliseconds the server took for its first answer, or what is wrong. */
function ask(env: Environment, cwd: string): Promise<number | { message: string; remedy: string }> {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const from = performance.now()
  return new Promise(resolve => {
    const child = spawn('presence', ['mcp'], { env, cwd, timeout: ANSWER_MS, killSignal: 'SIGKILL' })
    let [stdout, took] = ['', 0]
    const onPath = {
      message: "can't be started",
      remedy: 'put presence on PATH: link or copy it into a folder on PATH',
    }
    child.on('error', () => resolve(onPath))
    child.stdin.on('error', () => {})
    child.stdout.setEncoding('utf8').on('data', text => {
      took ||= Math.round(performance.now() - from)
      stdout += text
      if (stdout.includes('"id":2')) child.stdin.end()
    })
    child.on('close', () => resolve(verdictOn(stdout, took)))
    child.stdin.write(`${JSON.stringify(HELLO)}\n${JSON.stringify(ASK)}\n`)
  })
}

function verdictOn(stdout: string, took: number): number | { message: string; remedy: string } {
  const silent = { message: `did not answer within ${ANSWER_MS} ms`, remedy: 'run: presence doctor' }
  for (const line of stdout.split('\n').filter(Boolean)) {
    try {
      const { id, result } = JSON.parse(line)
      if (id !== 2) continue
      if (!result?.isError) return took
      return {
        message: `the board did not answer it: ${result.content?.[0]?.text}`,
        remedy: 'run: presence doctor',
      }
    } catch {
      return {
        message: 'printed something that is not a message',
        remedy: 'run: presence init --mcp <agent>',
      }
    }
  }
  return silent
}
