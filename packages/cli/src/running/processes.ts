import { readdirSync, readFileSync } from 'node:fs'

interface Running {
  readonly pid: number
  readonly parent: number
  /** When it began. If an id is used again, the new process begins later. */
  readonly began: string
}

/** A process and all its descendants, including those whose parent has ended. */
export class Family {
  /**
   * When each process began, by id. Entries are kept, because the descendants of an ended process can't be
   * found through it any more.
   */
  readonly #members = new Map<number, string>()
  readonly #list: () => readonly Running[]

  constructor(root: number, list: () => readonly Running[] = runningNow) {
    this.#list = list
    const found = list().find(({ pid }) => pid === root)
    if (found) this.#members.set(root, found.began)
  }

  /** The members that still run, including children that were started since the last look. */
  living(): readonly number[] {
    const running = this.#list()
    const children = new Map<number, Running[]>()
    for (const each of running) children.set(each.parent, [...(children.get(each.parent) ?? []), each])
    const living: number[] = []
    const visit = ({ pid, began }: Running): void => {
      if (living.includes(pid)) return
      living.push(pid)
      this.#members.set(pid, began)
      for (const child of children.get(pid) ?? []) visit(child)
    }
    for (const each of running) if (this.#members.get(each.pid) === each.began) visit(each)
    return living
  }

  /** Sends a signal to all members that still run. */
  signal(name: NodeJS.Signals): void {
    for (const pid of this.living())
      try {
        process.kill(pid, name)
      } catch {
        // Ignore: the process has just ended, or belongs to another user.
      }
  }
}

function runningNow(): readonly Running[] {
  return fromProc() ?? fromPs()
}

function fromProc(): readonly Running[] | undefined {
  try {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    return pids.length === 0 ? undefined : pids.flatMap(statOf)
  } catch {
    return undefined
  }
}

function statOf(pid: string): readonly Running[] {
  try {
    // proc_pid_stat(5): after the name, which may contain anything, come state, ppid, …; the 20th field is
    // the start time.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (isDead(fields[0])) return []
    return [{ pid: Number(pid), parent: Number(fields[1]), began: fields[19] ?? '' }]
  } catch {
    return []
  }
}

/** For systems without /proc: macOS and the BSDs. */
export function fromPs(): readonly Running[] {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,lstart='], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  return (stdout ?? '').split('\n').flatMap(line => {
    const [, pid, parent, state, began = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined || isDead(state)
      ? []
      : [{ pid: Number(pid), parent: Number(parent), began: began.trim() }]
  })
}

/** True if the process has ended, but its parent has not waited for it yet. */
function isDead(state: string | undefined): boolean {
  return state?.startsWith('Z') === true || state?.startsWith('X') === true
}
