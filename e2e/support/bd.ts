import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A stand-in for `bd`, the command of the beads tracker, which can't be had from a package registry of ours. It is not
 * bd: only `bd list` is here, written after
 *
 * - version 1.0.3: cmd/bd/list.go, list_format.go, output.go and errors.go (what is printed), and
 *   internal/storage/embeddeddolt (one process at a time, the others wait without a limit)
 * - version 1.3: docs/cli-reference/list.md, lease.md and heartbeat.md, internal/types/types.go and
 *   internal/storage/issueops/lease.go (the lease of a task in progress, whose holder is the assignee)
 *
 * with the times of a real 1.0.3 on its embedded Dolt: one call takes 0.5 s, two at once take 1.7 s.
 */
export interface StandIn {
  /** The folder with the program, for PATH. */
  readonly bin: string
  /** The command lines with which it was called, in order. */
  calls(): readonly string[]
  /** Replaces the program with another one: a script that a test writes. Calls are still recorded. */
  script(text: string): void
  /** Makes it answer with these tasks, as one of the versions. */
  tasks(tasks: readonly StandInTask[], version?: keyof typeof VERSIONS): void
}

export interface StandInTask {
  readonly id: string
  readonly title: string
  readonly status: string
  readonly priority?: number
  readonly assignee?: string
  readonly updated_at?: string
  /** Only bd 1.3 prints it. */
  readonly lease_expires_at?: string
}

const VERSIONS = {
  '1.0.3': ({ lease_expires_at: _, ...task }: StandInTask) => task,
  '1.3': (task: StandInTask) => ({
    ...task,
    ...(task.lease_expires_at
      ? { heartbeat_at: '2026-01-01T00:00:00Z', lease_expires_at: task.lease_expires_at }
      : {}),
  }),
}

/** How many tasks are printed without `--limit`; in an agent's environment bd prints even fewer. */
const LIMIT_DEFAULT = 50
const [ALONE_SECONDS, WAIT_SECONDS] = [0.5, 1.2]

/** Puts a stand-in and its database into a project. */
export function standInFor(project: string): StandIn {
  const [bin, data] = [join(project, 'bin'), join(project, '.beads/stand-in')]
  for (const folder of [bin, data]) mkdirSync(folder, { recursive: true })
  const calls = join(data, 'calls')
  const program = (text: string) => {
    writeFileSync(join(bin, 'bd'), `#!/bin/sh\necho "$*" >>'${calls}'\n${text}\n`)
    chmodSync(join(bin, 'bd'), 0o755)
  }
  const standIn: StandIn = {
    bin,
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []),
    script: program,
    tasks(tasks, version = '1.0.3') {
      for (const status of ['open', 'in_progress', 'open,in_progress'])
        for (const limit of [0, LIMIT_DEFAULT]) {
          const found = tasks.filter(task => status.split(',').includes(task.status))
          const listed = limit === 0 ? found : found.slice(0, limit)
          const name = join(data, `${status}.${limit}`)
          writeFileSync(
            `${name}.json`,
            `${JSON.stringify(listed.map(VERSIONS[version]).map(whole), null, 2)}\n`,
          )
          writeFileSync(`${name}.txt`, plainText(listed))
        }
      program(SCRIPT.replaceAll('DATA', data))
    },
  }
  standIn.tasks([])
  return standIn
}

/** What every version prints of a task. */
function whole(task: StandInTask) {
  return {
    priority: 2,
    issue_type: 'task',
    owner: 'ana@example.com',
    created_at: '2026-01-01T00:00:00Z',
    created_by: 'ana',
    updated_at: '2026-01-01T00:00:00Z',
    ...task,
    dependency_count: 0,
    dependent_count: 0,
    comment_count: 0,
  }
}

/** The tree that bd prints by default, with its footer. */
function plainText(tasks: readonly StandInTask[]): string {
  const numbers = ['open', 'in_progress'].map(status => tasks.filter(task => task.status === status).length)
  return [
    ...tasks.map(
      ({ id, title, status, priority = 2 }) =>
        `${status === 'open' ? '○' : '◐'} ${id} ● P${priority} ${title}`,
    ),
    '',
    '-'.repeat(80),
    `Total: ${tasks.length} issues (${numbers[0]} open, ${numbers[1]} in progress)`,
    '',
    'Status: ○ open  ◐ in_progress  ● blocked  ✓ closed  ❄ deferred',
    '',
  ].join('\n')
}

const SCRIPT = `form=txt status= limit=${LIMIT_DEFAULT}
while [ $# -gt 0 ]; do
  case $1 in
    list) ;;
    --db) shift ;;
    --status) status=$2; shift ;;
    --limit) limit=$2; shift ;;
    --json) form=json ;;
    *) echo "Error: unknown flag: $1" >&2; exit 1 ;;
  esac
  shift
done
exec 9>'DATA/lock'
flock -n 9 || { echo waited >>'DATA/waited'; sleep ${WAIT_SECONDS}; flock 9; }
sleep ${ALONE_SECONDS}
exec cat "DATA/$status.$limit.$form"`
