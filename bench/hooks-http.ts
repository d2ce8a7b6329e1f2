import { Agent, request } from 'node:http'
import { Running } from '../e2e/support/running.ts'
import { emptyNode, environmentIn } from './command.ts'
import type { Measure } from './context.ts'
import { migrateAt } from './library.ts'
import { inTurns, timed } from './pairs.ts'
import { rowOf } from './report.ts'

/** A hook that an agent sends to a server over a kept connection: no process is started for it. */
export const hooksAsRequests: Measure = {
  title: 'A hook as a request to a presence server on a local Dolt, beside node -e 0',
  budgeted: true,
  async rows(context) {
    const dsn = (await context.dolt()).dsn('hooks_requests')
    await migrateAt(dsn)
    const env = environmentIn(context.folder, { PRESENCE_DSN: dsn })
    await using server = new Running(['serve', '--port', '0'], env)
    const url = (await server.line(/serving on/)).replace(/^.* /, '')
    const agent = new Agent({ keepAlive: true })
    const hook = (event: string) => timed(() => send(`${url}/hooks/claude-code`, event, agent))
    const subjects = {
      UserPromptSubmit: hook('UserPromptSubmit'),
      'PostToolUse, throttled': hook('PostToolUse'),
    }
    for (const each of Object.values(subjects)) await each()
    const results = await inTurns(context.rounds, subjects, emptyNode(env))
    agent.destroy()
    return [
      rowOf('UserPromptSubmit', results['UserPromptSubmit'], { atMost: 1 }),
      rowOf('PostToolUse, throttled', results['PostToolUse, throttled'], { atMost: 0.2 }),
    ]
  },
}

let moments = 0

/** @throws if the status is not 200 */
function send(url: string, event: string, agent: Agent): Promise<void> {
  const body = JSON.stringify({
    session_id: 'bench-session',
    hook_event_name: event,
    // Makes each payload different, because the server answers identical payloads only once.
    prompt: `prompt ${moments++}`,
  })
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const sent = request(url, { method: 'POST', agent, headers }, response => {
      response.resume()
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${event}: ${response.statusCode}`)),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
