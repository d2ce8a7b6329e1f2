import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { isNoAnswer } from '../answered.ts'
import { type Model, startModel } from '../model.ts'
import type { Script } from '../models/protocol.ts'
import { type Agent, programOf, type Setup } from './agent.ts'
import { PATH, type Place } from './place.ts'

export interface Run extends Partial<Setup> {
  readonly place: Place
  readonly turns: Script
  readonly prompt?: string
  /** The session to continue. */
  readonly resume?: string
  readonly env?: Readonly<Record<string, string>>
  /**
   * Ends all processes of the agent: when it asks its model for the turn with this number, from 0 on, or when
   * the promise resolves.
   */
  readonly end?: { readonly signal: NodeJS.Signals; readonly when: number | Promise<unknown> }
}

/** What a run of an agent left. */
export interface Ran {
  /** Its session's id; empty if it was ended before it printed one. */
  readonly id: string
  /** What the model had read when it was asked for each of its turns. */
  readonly asked: readonly string[]
  /** The part of it that came since the turn before. */
  readonly news: readonly string[]
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** An agent's command for one prompt, with the model that it will ask. */
export interface Ready {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly model: Model
}

/** Prepares an agent, and starts the stand-in for its model, but not the agent. */
export async function readyAgent(
  agent: Agent,
  { place, turns, prompt = 'drain k8s-1', resume, trusted = 'hooks', sandbox = 'state' }: Run,
  onTurn?: (number: number) => void,
): Promise<Ready> {
  const program = await programOf(agent.name)
  const model = await startModel(turns, agent.protocol, onTurn)
  agent.prepare(place, { trusted, sandbox })
  const args = agent.args(prompt, { place, modelUrl: model.url, resume, trusted, sandbox })
  return { program, args, env: agent.env(model.url), model }
}

/** Gives an agent one prompt, and again if a hook had no answer in time. */
export async function runAgent(agent: Agent, run: Run): Promise<Ran> {
  for (;;) {
    const ran = await runOnce(agent, run)
    if (!ran.asked.some(isNoAnswer)) return ran
  }
}

/** Gives an agent one prompt. */
export async function runOnce(agent: Agent, run: Run): Promise<Ran> {
  const { place, env = {}, end } = run
  let stop = () => {}
  const ready = await readyAgent(agent, run, turn => {
    if (turn === end?.when) stop()
  })
  const { asked, news } = ready.model
  const child = spawn(ready.program, ready.args, {
    cwd: place.project,
    env: { PATH, HOME: place.home, TERM: 'xterm-256color', ...ready.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  // The whole group, because Codex's launcher would leave its child behind.
  const signal = (name: NodeJS.Signals) => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, name)
  }
  stop = () => signal(end?.signal ?? 'SIGKILL')
  onTestFinished(() => signal('SIGKILL'))
  if (end && typeof end.when !== 'number') void end.when.then(stop)
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  const [status] = (await once(child, 'close')) as [number | null]
  if (asked.length === 0)
    throw new Error(`${agent.name} asked its model nothing: ${said.stderr}${said.stdout}`)
  return { ...said, status, asked, news, id: agent.sessionOf(said.stdout) }
}
