import { givenUpEnded, objectIn } from '@presence/core/internal'
import { exitNow, newerNodeNeeded, readJsonInput, restoreEnvironment, write } from '@presence/process'
import { type Payload, textOf } from './agents/adapter.ts'
import { ADAPTERS } from './agents/index.ts'
import { readArguments } from './arguments.ts'
import { endsByMs, inputTime, leastMs, OUTBOX_MS, RESERVE_MS } from './deadline.ts'
import { awaitsEnd } from './guard/awaits-end.ts'
import { modeIn } from './guard/mode.ts'
import { throughServer } from './guard/server.ts'
import { startedAt } from './guard/started.ts'
import type { HookOutput } from './hook.ts'
import { LocalHost } from './local-host.ts'
import { inWords, type Moment, respond, unknownSince } from './respond.ts'

/** The launcher learns from this status that Node is too old, and tells the agent. */
const TOO_OLD = 9

const USAGE = `usage: presence hook <event> [--agent ${[...ADAPTERS.keys()].join('|')}] [--deny-task-tools] [--guard <mode>] [--http <url>]
Agents call this command from their settings; presence init --hooks <agent> adds it there. It reads the agent's JSON
from standard input.
`

const args = readArguments(process.argv.slice(2))
/** The event by which this program asks the tracker, in a process of its own. */
const ASK_TRACKER = 'ask-tracker'
/** `hook` is for the command of one file, and `readArguments` passes over it. */
const ASKS_TRACKER = [...process.execArgv, process.argv[1] ?? '', 'hook', ASK_TRACKER]
const startedMs = process.uptime() * 1_000

async function main(): Promise<void> {
  if (newerNodeNeeded() !== undefined) process.exit(TOO_OLD)
  if (args.event === ASK_TRACKER) {
    restoreEnvironment()
    const { refresh } = await import('@presence/tracker/refresh')
    return refresh(args.more, process.env)
  }
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
  // What to answer if the time runs out.
  let late = unknownSince(event, new Date(), 'the hook ran out of time')
  const onWait = (output: HookOutput) => {
    late = output
  }
  const gone = new AbortController()
  // The last resort: if anything hangs, the agent continues and is told that the board is unknown.
  setTimeout(
    () => {
      say(late)
      gone.abort()
      // A release that is given up goes into the outbox, and then this process ends by itself.
      setTimeout(
        () => void givenUpEnded(RESERVE_MS / 3).then(() => exitNow(0)),
        event === 'SessionEnd' ? OUTBOX_MS : 0,
      )
    },
    // On a busy machine Node's start may take longer than the hook is allowed to run. The time would then be
    // negative, and Node warns of that.
    Math.max(0, remaining() + RESERVE_MS / 2),
  ).unref()
  try {
    await answer(moment, print, onWait, gone.signal)
  } catch (error) {
    say(unknownSince(event, new Date(), 'the hook failed'))
    throw error
  }
}

async function answer(
  moment: Moment,
  print: (said: object | undefined) => void,
  onWait: (output: HookOutput) => void,
  signal: AbortSignal,
): Promise<void> {
  // Anything but a complete JSON object counts as an empty one: the environment says then which session this is.
  const payload = objectIn(await readJsonInput(inputTime(remaining()))) ?? {}
  restoreEnvironment()
  const deadlineMs = Math.max(leastMs(args.event), remaining())
  const { adapter } = moment
  const through =
    args.http === undefined || args.guard === undefined
      ? process.env
      : throughServer(args.http, textOf(payload, 'cwd') ?? '', process.env)
  const env = through ?? process.env
  const host = new LocalHost({ adapter, env, taken: args.taken, deadlineMs, signal })
  const call = { ...moment, payload, denyTaskTools: args.denyTaskTools, host }
  const isGuarded = args.guard !== undefined && through !== undefined
  if (isGuarded && moment.event === 'PreToolUse' && !adapter.taskTools.has(toolOf(payload))) {
    const { guardTool } = await import('./guard/before-tool.ts')
    const mode = modeIn(args.guard)
    const began = startedAt(process.env)
    const output = await guardTool({ ...call, env, mode, startedAt: began, onWait })
    return print(inWords(moment, output))
  }
  let note: string | undefined
  if (through !== undefined && awaitsEnd(host.state, call)) {
    const { settleEnded } = await import('./guard/after-tool.ts')
    note = await settleEnded(call)
  }
  if (args.http === undefined) {
    await respond({ ...call, say: output => print(inWords(moment, withNote(output, note))) })
    return host.refreshTasks(ASKS_TRACKER)
  }
  const { respondOverHttp } = await import('./over-http.ts')
  print(await respondOverHttp(call, { url: args.http, env: process.env, deadlineMs }))
}

function toolOf(payload: Payload): string {
  return textOf(payload, 'tool_name') ?? ''
}

/** What the guard still has to tell, before the rest. */
function withNote(output: HookOutput, note: string | undefined): HookOutput {
  if (note === undefined) return output
  return { ...output, context: [note, output.context].filter(each => each !== undefined).join('\n') }
}

function remaining(): number {
  return endsByMs(args.event, startedMs) - RESERVE_MS - process.uptime() * 1_000
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
