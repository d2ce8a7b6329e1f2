import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Agent } from '../support/agents/agent.ts'
import { newPlace, PATH, type Place } from '../support/agents/place.ts'
import { commandOf, EVENTS, Probe } from '../support/agents/probe.ts'
import { type Ran, runOnce } from '../support/agents/run.ts'
import { until } from '../support/until.ts'

/** A run of an agent with hooks that only write down what they see. */
export interface Observed {
  readonly probe: Probe
  readonly ran: Ran
  readonly place: Place
}

const printing = (answer: object) => `cat <<'EOF'\n${JSON.stringify(answer)}\nEOF`

/** What a hook before a command answers, by the name of the command. */
const ANSWERS = (event: string): Readonly<Record<string, string>> => {
  const decision = (permissionDecision: string, more: object = {}) =>
    printing({
      hookSpecificOutput: {
        hookEventName: event,
        permissionDecision,
        permissionDecisionReason: `reason-${permissionDecision}`,
        ...more,
      },
    })
  return {
    'permission-deny': decision('deny'),
    'permission-ask': decision('ask'),
    block: printing({ decision: 'block', reason: 'reason-block' }),
    deny: printing({ decision: 'deny', reason: 'reason-deny' }),
    'exit-2': 'echo reason-exit-2 >&2; exit 2',
    'exit-1': 'echo reason-exit-1 >&2; exit 1',
    'with-text': `echo text; ${printing({ decision: 'block', reason: 'reason-text' })}`,
    'with-key': printing({ decision: 'block', reason: 'reason-key', other: true }),
  }
}

/** What each kind of answer does, what a hook is given, and what the model reads of it. */
export async function answering(agent: Agent): Promise<Observed> {
  const place = newPlace()
  const names = EVENTS[agent.name]
  const context = (moment: keyof typeof names) =>
    printing({ hookSpecificOutput: { hookEventName: names[moment], additionalContext: `told-${moment}` } })
  const answers = ANSWERS(names.before ?? '')
  const exporting = '[ -z "$CLAUDE_ENV_FILE" ] || echo "export PROBED=1" >>"$CLAUDE_ENV_FILE"'
  const probe = new Probe(agent, place, {
    start: `${exporting}; ${context('start')}`,
    prompt: context('prompt'),
    'before context': context('before'),
    'after context': context('after'),
    ...Object.fromEntries(Object.entries(answers).map(([name, answer]) => [`before ${name}`, answer])),
  })
  const ran = await runOnce(agent, {
    place,
    turns: [
      agent.shell(commandOf('env', 'env >command.env')),
      agent.shell(commandOf('context')),
      agent.shell(commandOf('fail', 'exit 3')),
      ...Object.keys(answers).map(name => agent.shell(commandOf(name))),
      { text: 'done' },
    ],
  })
  return { probe, ran, place }
}

/** Waits up to 3 s for the command two, which is never there if the agent runs one after the other. */
const ONE = 'for i in 1 2 3 4 5 6; do if [ -e two.ran ]; then touch two-began; break; fi; sleep 0.5; done'

/** Two commands of one turn, and then a command in the background; the end hook takes 2 s. */
export async function together(agent: Agent): Promise<Observed> {
  const place = newPlace()
  const probe = new Probe(agent, place, { end: 'sleep 2; touch slow-end' })
  await place.presence(['init', '--mcp', agent.name])
  // Stands in for `presence mcp`: it only shows what its environment is.
  const bin = join(place.home, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'presence'), `#!/bin/sh\nenv >'${place.home}/server.env'\nexit 1\n`, {
    mode: 0o755,
  })
  const ran = await runOnce(agent, {
    place,
    env: { PATH: [bin, PATH].join(delimiter) },
    turns: [
      {
        calls: [agent.shell(commandOf('one', ONE)), agent.shell(commandOf('two'))],
      },
      ...agent.background(commandOf('background', 'sleep 2')),
      { text: 'done' },
    ],
  })
  return { probe, ran, place }
}

/**
 * A hook that answers `ask`, in the form that Gemini CLI knows, where no person is. SIGTERM ends the run before
 * its next turn, or after 3 s of waiting. Then the same session resumed; its end hook takes 2 s, and may.
 */
export async function ended(agent: Agent): Promise<{ readonly first: Observed; readonly resumed: Observed }> {
  const place = newPlace()
  const seconds = agent.name === 'gemini-cli' ? 1_000 : 1
  const limit = { end: { timeout: 10 * seconds } }
  const probe = new Probe(agent, place, { 'before ask': printing({ decision: 'ask', reason: 'ask' }) }, limit)
  const turns = [agent.shell(commandOf('ask')), { text: 'done' }]
  const waits = until('the hook before the command', () => probe.about('ask').length > 0)
  const when = agent.name === 'gemini-cli' ? waits.then(() => sleep(3_000)) : 1
  const first = {
    probe,
    place,
    ran: await runOnce(agent, { place, turns, end: { when, signal: 'SIGTERM' } }),
  }
  const resume = String(probe.seen[0]?.payload['session_id'])
  const again = new Probe(agent, place, { end: 'sleep 2; touch slow-end' }, limit, 'again')
  const ran = await runOnce(agent, { place, turns: [{ text: 'done' }], resume })
  return { first, resumed: { probe: again, ran, place } }
}

/** A project that the person hasn't trusted, or only its hooks. */
export async function untrusted(agent: Agent, trusted: 'folder' | 'nothing'): Promise<Observed> {
  const place = newPlace()
  const probe = new Probe(agent, place, {})
  const turns = [agent.shell(commandOf('untrusted')), { text: 'done' }]
  return { probe, ran: await runOnce(agent, { place, trusted, turns }), place }
}

/** The variables of an environment that hold the session's id. */
export function variablesWith(id: unknown, file: string): string {
  const names = (existsSync(file) ? readFileSync(file, 'utf8') : file)
    .split('\n')
    .filter(line => line.endsWith(`=${id}`))
    .map(line => line.slice(0, line.indexOf('=')))
  return names.length === 0
    ? 'none'
    : names
        .toSorted()
        .map(name => `\`${name}\``)
        .join(', ')
}
