import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { type Environment, emptyNode, environmentIn } from './command.ts'
import type { Measure } from './context.ts'
import { inTurns, type Timed } from './pairs.ts'
import { rowOf } from './report.ts'

const PRESENCE = join(import.meta.dirname, '../node_modules/.bin/presence')
/** A server that takes longer than this hangs. */
const ANSWER_MS_MAX = 10_000

const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
}
const TOOLS = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'list', arguments: {} } }

/** How long an agent waits for `presence mcp` when it starts a session. */
export const mcpStart: Measure = {
  title: 'presence mcp from its start to an answer, beside node -e 0',
  budgeted: false,
  async rows(context) {
    const env = environmentIn(context.folder)
    const subjects = {
      'to the first answer': answering(env, [HELLO], 1),
      'to the list of tools': answering(env, [HELLO, TOOLS], 2),
      'to what the embedded board says': answering(env, [HELLO, LIST], 2),
    }
    for (const subject of Object.values(subjects)) await subject()
    const results = await inTurns(context.rounds, subjects, emptyNode(env))
    return Object.entries(results).map(([what, beside]) => rowOf(what, beside))
  },
}

/** The milliseconds from the server's start to its answer to the message with that id. */
function answering(env: Environment, messages: readonly object[], id: number): Timed {
  return () =>
    new Promise((resolve, reject) => {
      const from = process.hrtime.bigint()
      const child = spawn(PRESENCE, ['mcp'], { env, cwd: '/', timeout: ANSWER_MS_MAX })
      let [stdout, ms] = ['', Number.NaN]
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        if (!Number.isNaN(ms) || !stdout.includes(`"id":${id}`)) return
        ms = Number(process.hrtime.bigint() - from) / 1e6
        child.stdin.end()
      })
      child.stdin.on('error', () => {})
      child.on('error', reject)
      child.on('close', status => {
        if (status === 0 && !Number.isNaN(ms)) return resolve(ms)
        reject(new Error(`presence mcp ended with ${status} and said ${stdout}`))
      })
      child.stdin.write(messages.map(each => `${JSON.stringify(each)}\n`).join(''))
    })
}
