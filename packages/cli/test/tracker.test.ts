import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

let project: string
beforeEach(() => {
  project = scratchFolder()
  for (const folder of ['.git', '.beads', 'bin']) mkdirSync(join(project, folder))
})

/** Replaces the tracker's command, which is not available here, by a script that prints bd's JSON. */
function tracker(script: string): void {
  writeFileSync(join(project, 'bin/bd'), `#!/bin/sh\necho "$@" >>'${project}/calls'\n${script}\n`)
  chmodSync(join(project, 'bin/bd'), 0o755)
}

const run = (session: string, ...args: string[]) =>
  presence(args, {
    cwd: project,
    env: {
      PATH: `${join(project, 'bin')}:${process.env['PATH']}`,
      PRESENCE_DSN: `sqlite:${project}/b.db`,
      PRESENCE_SESSION_ID: session,
    },
  })

const TASKS = [
  { id: 'code-2', title: 'move the database', assignee: 'ana', updated_at: '2026-02-01T00:00:00Z' },
  { id: 'code-1', title: 'drain \u001b[31mk8s-1', assignee: 'gone', updated_at: '2026-01-01T00:00:00Z' },
  { id: 'code-3', title: 'nobody’s', created_at: '2026-03-01T00:00:00Z' },
]

describe('presence tracker audit', () => {
  it('shows the tasks in progress, oldest first, and which of their sessions are working, and changes nothing', async () => {
    tracker(`cat <<'J'\n${JSON.stringify(TASKS)}\nJ`)
    await run('ana', 'claim', 'db:orders', '--purpose', 'move')
    const { status, stdout, stderr } = await run('bob', 'tracker', 'audit')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const [first, second, third] = stdout.split('\n')
    expect(first).toMatch(/^code-1 {2}drain \ufffd\[31mk8s-1: touched .* ago; gone is not on the board$/)
    expect(second).toMatch(/^code-2 {2}move the database: touched .* ago; ana is at work$/)
    expect(third).toMatch(/^code-3 .*assigned to nobody$/)
    expect(readFileSync(join(project, 'calls'), 'utf8')).toBe(
      `--db ${project}/.beads list --status in_progress --json\n`,
    )
    const json = JSON.parse((await run('bob', 'tracker', 'audit', '--json')).stdout)
    expect(json.map((task: { id: string; live: boolean }) => [task.id, task.live])).toEqual([
      ['code-1', false],
      ['code-2', true],
      ['code-3', false],
    ])
  })

  it('says that no task is in progress', async () => {
    tracker('echo "[]"')
    expect(await run('bob', 'tracker', 'audit')).toMatchObject({
      status: 0,
      stdout: 'presence: no task is in progress\n',
    })
  })

  it.each([
    ['fails', 'echo "no such database" >&2; exit 1', 'bd failed: '],
    ['hangs', 'sleep 30', 'bd gave no answer within 1 s'],
    ['prints no JSON', 'echo hello', 'JSON'],
    ['prints no list', 'echo "{}"', 'bd printed no list'],
  ])('reports that the tracker %s, and never an empty list', async (_, script, words) => {
    tracker(script)
    const { status, stdout, stderr } = await run('bob', 'tracker', 'audit')
    expect(status).toBe(3)
    expect(stdout).toBe('')
    expect(stderr).toContain("the tracker's tasks could not be listed")
    expect(stderr).toContain(words)
  })

  it('says that there is no tracker', async () => {
    const { status, stderr } = await run('bob', 'tracker', 'audit')
    expect(status).toBe(2)
    expect(stderr).toContain('there is no tracker here')
  })
})
