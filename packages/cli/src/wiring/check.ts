import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Environment, type Finding, SESSION_PARTS, sessionFile, stateFolder } from '@presence/core'
import { type Node, parseTree } from 'jsonc-parser'
import { HOOK_COMMAND, WIRING_AGENTS, type WiringAgent } from './agents.ts'
import { valueAt } from './edit.ts'
import { projectTop } from './wire.ts'

/** What agents allow a hook, in milliseconds, as the wiring says it. */
const ALLOWED_MS = 3_000

/** The session of the sample events: nobody's. */
const SAMPLE = `presence-doctor-${process.pid}`

/** A command of ours in an agent's settings. */
interface Handler {
  readonly agent: string
  readonly event: string
  readonly command: string
  readonly file: string
}

/**
 * Proves that hooks fire: finds every handler of ours in every agent's settings, says which events fire twice, and runs each
 * command as the agent would, with a sample payload of a session of its own.
 */
export async function checkHooks(env: Environment, cwd: string): Promise<readonly Finding[]> {
  const handlers = WIRING_AGENTS.flatMap(agent => handlersOf(agent, env, cwd))
  if (handlers.length === 0)
    return [
      {
        check: 'hooks',
        status: 'note',
        message: 'no agent has hooks of presence, in this project or of your own',
        remedy: 'run: presence init --hooks claude-code',
      },
    ]
  const fired = await Promise.all(handlers.map(handler => fire(handler, env, cwd)))
  for (const part of SESSION_PARTS) rmSync(sessionFile(stateFolder(env), SAMPLE, part), { force: true })
  return [...twice(handlers), ...fired]
}

function handlersOf(agent: WiringAgent, env: Environment, cwd: string): readonly Handler[] {
  const bases = new Set([projectTop(cwd), env['HOME'] || homedir()])
  return [...bases].flatMap(base => handlersIn(join(base, agent.settings), agent.name))
}

function handlersIn(file: string, agent: string): readonly Handler[] {
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  const hooks = valueAt(text, ['hooks'])
  if (typeof hooks !== 'object' || hooks === null) return []
  return Object.entries(hooks).flatMap(([event, entries]) =>
    commandsIn(parseTree(JSON.stringify(entries)))
      .filter(command => HOOK_COMMAND.test(command))
      .map(command => ({ agent, event, command, file })),
  )
}

/** Every `command` at whatever depth: agents group their handlers differently. */
function commandsIn(node: Node | undefined): readonly string[] {
  if (!node) return []
  const [key, value] = node.children ?? []
  if (node.type === 'property' && key?.value === 'command' && typeof value?.value === 'string')
    return [value.value]
  return (node.children ?? []).flatMap(commandsIn)
}

/** The same command in two files runs once; another one for the same event runs too. */
function twice(handlers: readonly Handler[]): readonly Finding[] {
  const byEvent = Map.groupBy(handlers, ({ agent, event }) => `${agent} ${event}`)
  return [...byEvent].flatMap(([event, all]): readonly Finding[] => {
    const commands = new Set(all.map(({ command }) => command.replace(/ --deny-task-tools$/, '')))
    if (commands.size < 2) return []
    const files = [...new Set(all.map(({ file }) => file))].join(' and ')
    return [
      {
        check: 'hooks',
        status: 'broken',
        message: `${event} fires ${commands.size} times: ${files}`,
        remedy: 'run: presence init --hooks <agent> --remove in all but one place (--user for your own)',
      },
    ]
  })
}

/** Runs a handler as its agent would: for a session that holds nothing. */
async function fire(
  { agent, event, command, file }: Handler,
  env: Environment,
  cwd: string,
): Promise<Finding> {
  const payload = {
    session_id: SAMPLE,
    conversation_id: SAMPLE,
    hook_event_name: event,
    cwd,
    source: 'startup',
    reason: 'clear',
  }
  const { CLAUDE_ENV_FILE: _file, CLAUDE_PID: _pid, PRESENCE_SESSION_ID: _id, ...rest } = env
  const from = performance.now()
  const { status, stdout, stderr } = await run(command, JSON.stringify(payload), {
    ...rest,
    CLAUDE_CODE_SESSION_ID: SAMPLE,
  })
  const took = Math.round(performance.now() - from)
  const check = `${agent} ${event}`
  const problem = problemOf(status, stdout, stderr)
  if (problem === undefined) {
    const said = stdout === '' ? 'says nothing' : `says ${stdout.length} characters`
    return { check, status: 'ok', message: `fires in ${took} ms and ${said} (${file})` }
  }
  return { check, status: 'broken', message: `${problem} (${file})`, remedy: remedyFor(problem) }
}

function problemOf(status: number | null, stdout: string, stderr: string): string | undefined {
  if (status === null) return `gave no answer within ${ALLOWED_MS} ms`
  if (status !== 0) return `ended with ${status}`
  if (stderr !== '') return `complained: ${stderr.split('\n')[0]}`
  if (stdout === '') return undefined
  try {
    JSON.parse(stdout)
    return undefined
  } catch {
    return 'printed what is no JSON'
  }
}

function remedyFor(problem: string): string {
  return problem.startsWith('gave no')
    ? 'run: presence doctor'
    : 'run: presence init --hooks <agent>, and see that presence is on PATH'
}

function run(
  command: string,
  input: string,
  env: Environment,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
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
