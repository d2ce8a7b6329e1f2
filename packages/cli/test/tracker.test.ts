import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type StandIn, standInFor } from '../../../e2e/support/bd.ts'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

let project: string
let bd: StandIn
beforeEach(() => {
  project = scratchFolder()
  for (const folder of ['.git', '.beads']) mkdirSync(join(project, folder))
  bd = standInFor(project)
})

const run = (session: string, ...args: string[]) =>
  presence(args, {
    cwd: project,
    env: {
      HOME: project,
      PATH: `${bd.bin}:${process.env['PATH']}`,
      PRESENCE_DSN: `sqlite:${project}/b.db`,
      PRESENCE_SESSION_ID: session,
    },
  })

const TASKS = [
  {
    id: 'code-2',
    title: 'move the database',
    status: 'in_progress',
    assignee: 'ana',
    updated_at: '2026-02-01T00:00:00Z',
  },
  {
    id: 'code-1',
    title: 'drain \u001b[31mk8s-1',
    status: 'in_progress',
    assignee: 'gone',
    updated_at: '2026-01-01T00:00:00Z',
  },
  { id: 'code-3', title: 'nobody’s', status: 'in_progress', updated_at: '2026-03-01T00:00:00Z' },
  { id: 'code-4', title: 'later', status: 'open' },
]

describe('presence tracker audit', () => {
  it('shows the tasks in progress, oldest first, and which of their sessions are working, and changes none', async () => {
    bd.tasks(TASKS)
    await run('ana', 'claim', 'db:orders', '--purpose', 'move')
    const { status, stdout, stderr } = await run('bob', 'tracker', 'audit')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const [first, second, third, ...more] = stdout.trim().split('\n')
    expect(first).toMatch(/^code-1 {2}drain \ufffd\[31mk8s-1: touched .* ago; gone is not on the board$/)
    expect(second).toMatch(/^code-2 {2}move the database: touched .* ago; ana is at work$/)
    expect(third).toMatch(/^code-3 .*assigned to nobody$/)
    expect(more).toEqual([])
    expect(bd.calls()).toEqual([`--db ${project}/.beads list --status open,in_progress --json --limit 0`])
    const json = JSON.parse((await run('bob', 'tracker', 'audit', '--json')).stdout)
    expect(
      json.map((task: { id: string; live: boolean; holds: string[] }) => [task.id, task.live, task.holds]),
    ).toEqual([
      ['code-1', false, []],
      ['code-2', true, ['db:orders']],
      ['code-3', false, []],
    ])
  })

  it('shows the leases of bd 1.3 beside it', async () => {
    const lease = new Date(Date.now() + 3_600_000).toISOString()
    const over = '2026-01-01T00:05:00Z'
    const leased = TASKS.map((task, at) => ({
      ...task,
      ...[{ lease_expires_at: lease }, { lease_expires_at: over }][at],
    }))
    bd.tasks(leased, '1.3')
    await run('ana', 'claim', 'db:orders', '--purpose', 'move')
    const [first, second, third] = (await run('bob', 'tracker', 'audit')).stdout.split('\n')
    expect(first).toMatch(/gone is not on the board; bd lease over since 2026-01-01 00:05:00 UTC \(.* ago\)$/)
    expect(second).toMatch(/ana is at work; bd lease until \d{4}-.* UTC \(\d+ (min|h).* left\)$/)
    expect(third).not.toContain('lease')
    const json = JSON.parse((await run('bob', 'tracker', 'audit', '--json')).stdout)
    expect(json.map((task: { lease_expires_at: string }) => task.lease_expires_at)).toEqual([
      new Date(over).toISOString(),
      lease,
      null,
    ])
  })

  it('says that no task is in progress', async () => {
    expect(await run('bob', 'tracker', 'audit')).toMatchObject({
      status: 0,
      stdout: 'presence: no task is in progress\n',
    })
  })

  it.each([
    ['fails', 'echo "no such database" >&2; exit 1', 'bd failed: no such database'],
    ['hangs', 'sleep 30', 'bd gave no answer within 2 s'],
    ['prints no JSON', 'echo hello', 'JSON'],
    ['prints no list', 'echo "{}"', 'bd printed no list'],
    ['prints nothing', ':', 'bd printed nothing'],
  ])('reports that the tracker %s, and never an empty list', async (_, script, words) => {
    bd.script(script)
    const { status, stdout, stderr } = await run('bob', 'tracker', 'audit')
    expect(status).toBe(3)
    expect(stdout).toBe('')
    expect(stderr).toContain("the tracker's tasks could not be listed")
    expect(stderr).toContain(words)
  })

  it('tells agents what it found, and says why they were told nothing', async () => {
    bd.tasks(TASKS)
    const state = join(project, '.local/state/presence')
    await run('bob', 'tracker', 'audit')
    const { readdirSync } = await import('node:fs')
    const [name = ''] = readdirSync(join(state, 'tracker'))
    const file = join(state, 'tracker', name)
    const kept = JSON.parse(readFileSync(file, 'utf8'))
    expect(kept.answer).toMatchObject({ inProgress: 3, open: 1 })
    const at = '2026-01-01T00:00:00.000Z'
    writeFileSync(
      file,
      JSON.stringify({ ...kept, failure: { since: at, at, reason: 'bd failed: \u001b[31mx' } }),
    )
    const { status, stderr } = await run('bob', 'tracker', 'audit')
    expect(status).toBe(0)
    expect(stderr).toMatch(
      /^presence: note: agents' hooks got no answer from bd since 2026-01-01 00:00:00 UTC \(.* ago\): bd failed: \ufffd\[31mx\n$/,
    )
    expect((await run('bob', 'tracker', 'audit')).stderr).toBe('')
    rmSync(join(state, 'tracker'), { recursive: true })
    writeFileSync(join(state, 'tracker'), '')
    expect((await run('bob', 'tracker', 'audit')).stderr).toContain(
      "agents are told no tasks, because the answer can't be kept",
    )
  })

  it('says what is missing if there is no tracker', async () => {
    rmSync(bd.bin, { recursive: true })
    expect(await run('bob', 'tracker', 'audit')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no tracker here: bd is not on PATH'),
    })
    rmSync(join(project, '.beads'), { recursive: true })
    expect(await run('bob', 'tracker', 'audit')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`there is no tracker here: ${project} has no .beads`),
    })
  })
})
