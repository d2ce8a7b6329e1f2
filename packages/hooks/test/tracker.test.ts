import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StandIn, type StandInTask, standInFor } from '../../../e2e/support/bd.ts'
import { until } from '../../../e2e/support/until.ts'
import { HOOK, hook, ONE_FILE } from './hook-process.ts'

let home: string
let project: string
let bd: StandIn
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'presence-hook-home-'))
  project = newProject('project')
  bd = standInFor(project)
})
afterEach(async () => {
  await until('the end of all that the hooks started', () => running().length === 0)
  rmSync(home, { recursive: true, force: true })
})

function newProject(name: string): string {
  for (const folder of ['.git', '.beads']) mkdirSync(join(home, name, folder), { recursive: true })
  return join(home, name)
}

/** The processes that have something of this test on their command line. */
function running(): readonly string[] {
  return readdirSync('/proc').flatMap(pid => {
    try {
      const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : ''
      return line.includes(home) ? [line] : []
    } catch {
      return []
    }
  })
}

interface Event {
  readonly name?: string
  readonly cwd?: string
  readonly session?: string
  readonly agent?: string
  readonly env?: Readonly<Record<string, string>>
  readonly launcher?: readonly string[]
}

let moments = 0
/** What the agent is told at an event, by default at a prompt. */
async function told({ name = 'UserPromptSubmit', cwd = project, ...more }: Event = {}): Promise<string> {
  const { session = 's1', agent, env = {}, launcher = HOOK } = more
  const { stdout, stderr, status } = await hook({
    args: [name, ...(agent === undefined ? [] : ['--agent', agent])],
    input: JSON.stringify({ session_id: session, cwd, source: 'startup', moment: moments++ }),
    env: {
      HOME: home,
      PATH: `${bd.bin}:${process.env['PATH']}`,
      PRESENCE_DSN: `sqlite:${home}/board.db`,
      ...env,
    },
    launcher,
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const said = stdout === '' ? {} : JSON.parse(stdout)
  return said.hookSpecificOutput?.additionalContext ?? said.additional_context ?? ''
}

const folder = () => join(home, '.local/state/presence/tracker')
const files = (end: string) =>
  existsSync(folder())
    ? readdirSync(folder())
        .filter(name => name.endsWith(end))
        .map(name => join(folder(), name))
    : []

/** Waits until the tracker was asked, and its answer kept. */
const asked = (times: number) =>
  until(
    `${times} answers`,
    () => bd.calls().length >= times && files('.json').length > 0 && files('.lock').length === 0,
  )

/** Makes the kept answer older, in seconds. */
function age(seconds: number): void {
  for (const file of files('.json')) {
    const kept = JSON.parse(readFileSync(file, 'utf8'))
    const earlier = (time: string) => new Date(Date.parse(time) - seconds * 1_000).toISOString()
    if (kept.answer) kept.answer.asked = earlier(kept.answer.asked)
    if (kept.failure) for (const key of ['since', 'at']) kept.failure[key] = earlier(kept.failure[key])
    writeFileSync(file, JSON.stringify(kept))
  }
}

const TASKS: readonly StandInTask[] = [
  { id: 'code-1', title: 'drain', status: 'in_progress', assignee: 'ana', priority: 1 },
  { id: 'code-2', title: 'later', status: 'open' },
]

/** The stand-in answers only once this file is there. */
function gated(): string {
  const gate = join(home, 'gate')
  bd.script(`until [ -e '${gate}' ]; do sleep 0.05; done; echo '${JSON.stringify(TASKS)}'`)
  return gate
}

describe('the tracker’s tasks', () => {
  it('are told with their age at the next prompt, and a prompt never waits for the tracker', async () => {
    const gate = gated()
    expect(await told()).toMatch(
      /^(Presence board at .*\n)?Tracker \(bd\): its tasks are not known yet\. `bd list` shows them\.$/,
    )
    await until('the call', () => bd.calls().length === 1)
    expect(files('.json'), 'the hook ended before the tracker answered').toEqual([])
    writeFileSync(gate, '')
    await asked(1)
    expect(await told()).toMatch(
      /^Tracker \(bd\) at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, asked \d+ (s|min) before: 1 task in progress, 1 open\. Titles are others' words, quoted:\n- code-1 in progress by ana, P1: "drain"\n- code-2 open: "later"$/,
    )
    expect(await told()).toMatch(
      /^Tracker \(bd\) at .*: unchanged since \d\d:\d\d UTC \(1 task in progress, 1 open\)\.$/,
    )
  })

  it('are asked for at the session’s start, so that the first prompt has them, and told in full after each start', async () => {
    bd.tasks(TASKS)
    await told({ name: 'SessionStart' })
    await asked(1)
    expect(await told()).toContain('- code-1')
    expect(await told()).toContain('unchanged')
    await told({ name: 'SessionStart' })
    expect(await told()).toContain('- code-1')
    expect(await told({ session: 's2' }), 'another session was told nothing yet').toContain('- code-1')
  })

  it('of a bd of version 1.3 come with its leases', async () => {
    const lease = new Date(Date.now() + 3_600_000).toISOString()
    bd.tasks(
      TASKS.map(task => ({ ...task, lease_expires_at: lease })),
      '1.3',
    )
    await told()
    await asked(1)
    expect(await told()).toMatch(/- code-1 in progress by ana, P1, bd lease \d+ min left: "drain"/)
  })

  it('are asked for again only after 30 s, and then what changed is told', async () => {
    bd.tasks(TASKS)
    await told()
    await asked(1)
    await told()
    expect(files('.lock'), 'not asked again').toEqual([])
    bd.tasks(TASKS.map(task => (task.id === 'code-1' ? { ...task, status: 'closed' } : task)))
    age(31)
    expect(await told()).toMatch(/asked (31|\d\d|\d+ min).* before: unchanged/)
    await asked(2)
    expect(await told()).toContain('No longer open or in progress: code-1.')
    expect(bd.calls()).toHaveLength(2)
  })

  it('are asked for once, however many prompts come at the same time', async () => {
    const gate = gated()
    await Promise.all(Array.from({ length: 5 }, (_, at) => told({ session: `s${at}` })))
    await until('the call', () => bd.calls().length > 0)
    expect(await told()).toContain('not known yet')
    writeFileSync(gate, '')
    await asked(1)
    expect(bd.calls()).toEqual([`--db ${project}/.beads list --status open,in_progress --json --limit 0`])
  })

  it('are asked for again if the process that asked was killed', async () => {
    bd.tasks(TASKS)
    mkdirSync(folder(), { recursive: true, mode: 0o700 })
    await told()
    await asked(1)
    age(31)
    const [file = ''] = files('.json')
    const lock = file.replace('.json', '.lock')
    writeFileSync(lock, 'another')
    await told()
    expect(readFileSync(lock, 'utf8'), 'it may still be asking').toBe('another')
    const long = Date.now() / 1_000 - 31
    utimesSync(lock, long, long)
    await told()
    await asked(2)
  })

  it('are kept for the user only', async () => {
    bd.tasks(TASKS)
    await told()
    await asked(1)
    expect(files('').map(file => statSync(file).mode & 0o777)).toEqual([0o600])
  })

  it('of one project are never told in another', async () => {
    bd.tasks(TASKS)
    await told()
    await asked(1)
    const other = newProject('other')
    expect(await told({ cwd: other })).toContain('not known yet')
    await asked(2)
    await until('the other’s answer', () => files('.json').length === 2)
    rmSync(join(other, '.beads'), { recursive: true })
    expect(await told({ cwd: other }), 'no tracker any more').toBe('')
  })

  it('are told also if the board gives no answer', async () => {
    bd.tasks(TASKS)
    await told()
    await asked(1)
    const text = await told({ env: { PRESENCE_DSN: 'mysql://nobody@127.0.0.1:1/none' } })
    expect(text).toMatch(/unknown since[\s\S]*- code-1/)
  })

  it.each([
    ['with the launcher', HOOK],
    ['with the command of one file', ONE_FILE],
  ])('are asked for in the environment that the user has, %s', async (_, launcher) => {
    bd.script(`echo "$NODE_OPTIONS|$PWD" >'${home}/seen'; echo '[]'`)
    await told({ launcher, env: { NODE_OPTIONS: '--require /nowhere/gone.js' } })
    await asked(1)
    expect(readFileSync(join(home, 'seen'), 'utf8')).toBe(`--require /nowhere/gone.js|${project}\n`)
  })

  it('are not asked for if the agent can’t be told at a prompt', async () => {
    await told({ name: 'beforeSubmitPrompt', agent: 'cursor' })
    await told({ name: 'sessionStart', agent: 'cursor' })
    expect(existsSync(folder())).toBe(false)
  })
})

describe('a tracker', () => {
  it.each([
    ['fails', 'echo "db is locked" >&2; exit 1', 'bd failed: db is locked'],
    [
      'prints its plain list',
      'echo "Total: 0 issues (0 open, 0 in progress)"',
      'bd printed something that is not JSON',
    ],
    ['prints another shape', `echo '{"tasks": []}'`, 'bd printed no list of tasks'],
    ['prints nothing', 'exit 0', 'bd printed nothing'],
    ['prints too much', 'yes', 'bd printed more than 16 MB'],
  ])('that %s is named once, with why, and the last answer is told with its age', async (_, script, why) => {
    bd.tasks(TASKS)
    await told()
    await asked(1)
    bd.script(script)
    age(600)
    await told({ session: 's2' })
    await asked(2)
    const text = await told()
    expect(text).toMatch(/asked 1\d min before/)
    expect(text).toContain('- code-1')
    expect(text).toMatch(/\nTracker \(bd\): no answer since \d{4}-.* UTC \(/)
    expect(text).toContain(`(${why}). \`presence tracker audit\``)
    expect(await told()).not.toContain('no answer')
    age(3_600)
    expect(await told({ session: 's3' }), 'after an hour only that it is unknown').not.toContain('code-1')
  })

  it('that is gone is not told of, whatever was kept', async () => {
    bd.tasks(TASKS)
    await told()
    await asked(1)
    rmSync(bd.bin, { recursive: true })
    expect(await told()).toBe('')
  })

  it('with a state folder that can’t be written is named as unknown, and the prompt is answered', async () => {
    bd.tasks(TASKS)
    const state = join(home, 'state')
    writeFileSync(state, '')
    expect(await told({ env: { XDG_STATE_HOME: state } })).toContain('not known yet')
    expect(bd.calls()).toEqual([])
  })
})

it('the stand-in has a real bd’s lock: of two calls at once, one waits', async () => {
  bd.tasks(TASKS)
  const call = () => execFileSync(join(bd.bin, 'bd'), ['list', '--status', 'open'], { encoding: 'utf8' })
  expect(call()).toContain('Total: 1 issues (1 open, 0 in progress)\n\nStatus: ○ open')
  execFileSync('sh', ['-c', `'${bd.bin}/bd' list --status open & '${bd.bin}/bd' list --status open; wait`])
  expect(readFileSync(join(project, '.beads/stand-in/waited'), 'utf8')).toBe('waited\n')
})
