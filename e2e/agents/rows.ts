import { join } from 'node:path'
import type { Agent } from '../support/agents/agent.ts'
import { isAbout, type Seen } from '../support/agents/probe.ts'
import { answering, ended, type Observed, together, untrusted, variablesWith } from './observe.ts'

/** All that the runs of an agent showed. */
interface Runs {
  readonly agent: Agent
  readonly answers: Observed
  readonly commands: Observed
  readonly first: Observed
  readonly resumed: Observed
  readonly unreviewed: Observed
  readonly untrusted: Observed
}

export async function runsOf(agent: Agent): Promise<Runs> {
  const [answers, commands, ends, inUntrusted, unreviewed] = await Promise.all([
    answering(agent),
    together(agent),
    ended(agent),
    untrusted(agent, 'nothing'),
    // The others have no such step: to them the folder is trusted as in every run.
    agent.name === 'codex' ? untrusted(agent, 'folder') : undefined,
  ])
  return { agent, answers, commands, ...ends, untrusted: inUntrusted, unreviewed: unreviewed ?? answers }
}

/** The rows of the table in docs/agents.md, and what they say according to the runs. */
export const ROWS: Readonly<Record<string, (runs: Runs) => string>> = {
  'Event before a command': ({ answers }) => eventsOf(answers.probe.about('env').slice(0, 1)),
  'Event after a command': ({ answers }) => eventsOf(answers.probe.about('env').slice(1)),
  'Event after a command that fails': ({ answers }) => eventsOf(answers.probe.about('fail').slice(1)),
  'Refuses a command with `"permissionDecision": "deny"`': runs => refusal(runs, 'permission-deny'),
  'Refuses a command with `"decision": "block"`': runs => refusal(runs, 'block'),
  'Refuses a command with `"decision": "deny"`': runs => refusal(runs, 'deny'),
  'Refuses a command with exit 2 and standard error': runs => refusal(runs, 'exit-2'),
  'Refuses a command with exit 1': runs => refusal(runs, 'exit-1'),
  'Refuses a command with text before the JSON': runs => refusal(runs, 'with-text'),
  'Refuses a command with an unknown key in the JSON': runs => refusal(runs, 'with-key'),
  'Asks the person, without a terminal': ({ agent, answers, first }) => {
    const isGemini = agent.name === 'gemini-cli'
    const isRun = isGemini ? first.probe.ran('ask') : answers.probe.ran('permission-ask')
    return isRun ? 'no, the command runs' : isGemini ? 'waits forever' : 'refuses'
  },
  'Adds context at the start of a session': ({ answers }) => told(answers.ran.news[0], 'start'),
  'Adds context to a prompt': ({ answers }) => told(answers.ran.news[0], 'prompt'),
  'Adds context before a command': ({ answers }) =>
    told(answers.ran.news[2], 'before') === 'no' ? 'no' : 'read after the command',
  'Adds context after a command': ({ answers }) => told(answers.ran.news[2], 'after'),
  'Tells the exit status of a failed command': ({ answers }) => statusIn(answers.probe.about('fail')),
  'Gives the call an id': ({ answers }) =>
    'tool_use_id' in (answers.probe.about('env')[0]?.payload ?? {}) ? '`tool_use_id`' : 'no',
  'Filters commands with `if`': ({ answers }) =>
    answers.probe.seen.some(({ moment }) => moment === 'filtered') ? 'no, the hook always runs' : 'yes',
  'Several commands of one turn run': ({ commands }) =>
    commands.probe.about('one').some(({ files }) => files.includes('two-began'))
      ? 'together'
      : 'one after the other',
  'Events of a background command': ({ commands: { probe } }) =>
    probe.seen
      .filter(seen => seen.moment !== 'filtered' && (isAbout(seen, 'background') || isNotice(seen)))
      .map(seen => `${eventsOf([seen])}${seen.files.includes('background.ended') ? ' at its end' : ''}`)
      .join(', '),
  'Event at the end of a session': ({ commands }) => endOf(commands),
  'Event after SIGTERM': ({ first }) => endOf(first),
  'Waits for an end hook of 2 s': ({ commands }) => yes(commands.probe.made('slow-end')),
  'Waits for an end hook of 2 s that has a `timeout`': ({ resumed }) => yes(resumed.probe.made('slow-end')),
  'A resumed session has': ({ first, resumed }) => {
    const [before, after] = [first, resumed].map(({ probe }) => probe.seen[0]?.payload ?? {})
    const id = before?.['session_id'] === after?.['session_id'] ? 'the same id' : 'another id'
    return `${id}, \`source\` is \`${after?.['source']}\``
  },
  'New hooks in a trusted folder': ({ unreviewed }) => whetherRun(unreviewed),
  'Hooks in an untrusted folder': ({ untrusted: run }) => whetherRun(run),
  'Variables with the session id, in hooks': ({ answers }) => {
    const [seen] = answers.probe.about('env')
    return variablesWith(seen?.payload['session_id'], seen?.env ?? '')
  },
  'Variables with the session id, in commands': ({ answers }) =>
    variablesWith(idIn(answers), join(answers.place.project, 'command.env')),
  'Variables with the session id, in MCP servers': ({ commands }) =>
    variablesWith(idIn(commands), join(commands.place.home, 'server.env')),
}

function eventsOf(seen: readonly Seen[]): string {
  return seen.map(({ payload }) => payload['hook_event_name']).join(', ')
}

function yes(is: boolean): string {
  return is ? 'yes' : 'no'
}

/** Whether a command was refused by the hook before it, and the model read why. */
function refusal({ answers: { probe, ran } }: Runs, name: string): string {
  if (probe.about(name).length === 0) throw new Error(`no hook saw the command ${name}`)
  if (probe.ran(name)) return 'no'
  const reason = `reason-${name.replace(/^(permission|with)-/, '')}`
  return ran.asked.at(-1)?.includes(reason) ? 'yes' : 'yes, without the reason'
}

function told(news: string | undefined, moment: string): string {
  return yes(news?.includes(`told-${moment}`) === true)
}

/** Where the payload of a hook after a command says that it exited with 3. */
function statusIn(seen: readonly Seen[]): string {
  for (const { payload } of seen) {
    const { tool_input: _, ...rest } = payload
    const path = pathTo(rest, /exit code:? 3/i)
    if (path !== undefined) return `\`${path}\` of ${payload['hook_event_name']}`
  }
  return 'no'
}

function pathTo(value: unknown, pattern: RegExp): string | undefined {
  if (typeof value === 'string') return pattern.test(value) ? '' : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const path = pathTo(inner, pattern)
    if (path !== undefined) return path === '' ? key : `${key}.${path}`
  }
  return undefined
}

/** Claude Code tells the end of a background command as a prompt. */
function isNotice({ payload }: Seen): boolean {
  return String(payload['prompt']).includes('<task-notification>')
}

function endOf({ probe }: Observed): string {
  const end = probe.seen.find(({ moment }) => moment === 'end')
  return end === undefined ? 'no event' : `${eventsOf([end])}, \`${end.payload['reason']}\``
}

/** Whether the project's hooks ran, and if not, what the agent said about it. */
function whetherRun({ probe, ran }: Observed): string {
  if (probe.seen.length > 0) return 'run'
  return /hook|untrusted/i.test(ran.stderr) ? "don't run, with a warning" : "don't run, without a warning"
}

function idIn({ probe }: Observed): unknown {
  return probe.seen[0]?.payload['session_id']
}
