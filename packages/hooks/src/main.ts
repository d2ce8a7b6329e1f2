import { read } from 'node:fs'
import { givenUpEnded, objectIn } from '@presence/core/internal'
import { exitNow, write } from '@presence/process'
import type { Payload } from './agents/adapter.ts'
import { ADAPTERS } from './agents/index.ts'
import { readArguments } from './arguments.ts'
import { endsByMs, RESERVE_MS } from './deadline.ts'
import type { HookOutput } from './hook.ts'
import { LocalHost } from './local-host.ts'
import { inWords, respond, unknownSince } from './respond.ts'

/**
 * A payload may contain the whole output of a tool. A longer payload is not read; the environment's values
 * are used instead.
 */
const PAYLOAD_BYTES_MAX = 32 * 1024 * 1024

const USAGE = `usage: presence hook <event> [--agent ${[...ADAPTERS.keys()].join('|')}] [--deny-task-tools] [--http <url>]
Agents call this command from their settings; presence init --hooks <agent> adds it there. It reads the agent's JSON
from standard input.
`

const args = readArguments(process.argv.slice(2))

async function main(): Promise<void> {
  if (args.event === '--help' || args.event === '') {
    write(2, USAGE)
    return
  }
  const adapter = ADAPTERS.get(args.agent)
  const event = adapter?.eventOf(args.event)
  if (!adapter || !event) {
    write(
      2,
      `presence-hook: presence handles no event ${JSON.stringify(args.event)} of ${JSON.stringify(args.agent)}\n`,
    )
    return
  }
  const moment = { adapter, event, name: args.event }
  // Print once: an answer may still come after the last resort below has printed, and two objects are not
  // valid JSON.
  let hasPrinted = false
  const print = (said: object | undefined) => {
    if (!said || hasPrinted) return
    hasPrinted = true
    write(1, `${JSON.stringify(said)}\n`, 0)
  }
  const say = (output: HookOutput) => print(inWords(moment, output))
  const gone = new AbortController()
  // The last resort: if anything hangs, the agent continues and is told that the board is unknown.
  setTimeout(
    () => {
      say(unknownSince(event, new Date(), 'the hook ran out of time'))
      gone.abort()
      void givenUpEnded(RESERVE_MS / 3).then(() => exitNow(0))
    },
    // On a busy machine Node's start may take longer than the hook is allowed to run. The time would then be
    // negative, and Node warns of that.
    Math.max(0, remaining() + RESERVE_MS / 2),
  ).unref()
  const payload = parse(await readAll())
  delete process.env['NODE_COMPILE_CACHE']
  const deadlineMs = Math.max(50, remaining())
  const host = new LocalHost({
    adapter,
    env: process.env,
    taken: args.taken,
    deadlineMs,
    signal: gone.signal,
  })
  const call = { ...moment, payload, denyTaskTools: args.denyTaskTools, host }
  if (args.http === undefined) return say(await respond(call))
  const { respondOverHttp } = await import('./over-http.ts')
  print(await respondOverHttp(call, { url: args.http, env: process.env, deadlineMs }))
}

function remaining(): number {
  return endsByMs(args.event) - RESERVE_MS - process.uptime() * 1_000
}

/**
 * Reads standard input to its end. Asynchronously, because input that is never closed would block even the
 * last resort.
 */
function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  return new Promise(resolve => {
    const next = () =>
      read(0, Buffer.allocUnsafe(65_536), 0, 65_536, null, (error, bytes, buffer) => {
        if (error?.code === 'EAGAIN') return setTimeout(next, 5)
        if (error || bytes === 0 || length > PAYLOAD_BYTES_MAX) return resolve(Buffer.concat(chunks))
        length += bytes
        chunks.push(buffer.subarray(0, bytes))
        return next()
      })
    next()
  })
}

/** Anything but a JSON object counts as an empty object. */
function parse(bytes: Buffer): Payload {
  return objectIn(bytes.toString('utf8')) ?? {}
}

main().then(
  async () => {
    await givenUpEnded(RESERVE_MS * 0.8)
    exitNow(0)
  },
  error => {
    write(2, `presence-hook: failed: ${error instanceof Error ? error.message : String(error)}\n`)
    exitNow(0)
  },
)
