/** An inventory with more hosts counts as unknown. */
const HOSTS_MAX = 5_000
const GROUPS_MAX = 2_000
/** Names of hosts in all groups together. */
const ADDED_MAX = 50_000
/** Numbers of one name, such as `r[1:3]x[1:4]`. */
const RANGES_MAX = 4

const UNGROUPED = 'ungrouped'

interface Group {
  readonly hosts: Set<string>
  readonly children: Set<string>
}

/** The groups and hosts of an inventory, in its order. */
export class Groups {
  /** Every inventory has the group `ungrouped`. */
  readonly #groups = new Map<string, Group>([[UNGROUPED, { hosts: new Set(), children: new Set() }]])
  readonly #all = new Set<string>()
  readonly #here = new Set<string>()
  readonly #groupsHere = new Set<string>()
  readonly #found = new Map<string, readonly string[]>()
  #added = 0
  #isComplete = true

  /** False if the inventory is too large, or not understood. */
  isComplete(): boolean {
    return this.#isComplete && [...this.#groups.values()].every(group => this.#knows(group.children))
  }

  #knows(names: ReadonlySet<string>): boolean {
    return [...names].every(name => this.#groups.has(name))
  }

  addGroup(name: string): Group {
    const known = this.#groups.get(name) ?? { hosts: new Set(), children: new Set() }
    if (this.#groups.size >= GROUPS_MAX) this.#isComplete = false
    else this.#groups.set(name, known)
    return known
  }

  addChild(name: string, child: string): void {
    this.addGroup(name).children.add(child)
  }

  addHost(name: string, host: string, isHere = false): void {
    if (this.#all.size >= HOSTS_MAX || this.#added++ >= ADDED_MAX) this.#isComplete = false
    if (!this.#isComplete) return
    this.#all.add(host)
    this.addGroup(name).hosts.add(host)
    if (isHere) this.#here.add(host)
  }

  /** Adds a name such as `web[01:03].example.org`, which is three hosts. */
  addRange(name: string, host: string, isHere = false): void {
    if (!this.#isComplete) return
    const hosts = expanded(host)
    if (!hosts) this.#isComplete = false
    for (const each of hosts ?? []) this.addHost(name, each, isHere)
  }

  /** Says that tasks for the group's hosts run on this machine. */
  runsHere(name: string): void {
    this.#groupsHere.add(name)
  }

  isHere(host: string): boolean {
    return this.#here.has(host) || [...this.#groupsHere].some(name => this.hostsOf(name).includes(host))
  }

  has(name: string): boolean {
    return name === 'all' || this.#groups.has(name)
  }

  names(): readonly string[] {
    return [...this.#groups.keys()]
  }

  hosts(): readonly string[] {
    return [...this.#all]
  }

  /** A group's hosts with those of its children. Groups may be children of each other. */
  hostsOf(name: string): readonly string[] {
    if (name === 'all') return this.hosts()
    if (name === UNGROUPED) return this.#ungrouped()
    const known = this.#found.get(name)
    if (known) return known
    const seen = new Set([name])
    const hosts = new Set<string>()
    for (const each of seen) {
      const group = this.#groups.get(each)
      for (const host of group?.hosts ?? []) hosts.add(host)
      for (const child of group?.children ?? []) seen.add(child)
    }
    const found = [...hosts]
    this.#found.set(name, found)
    return found
  }

  #ungrouped(): readonly string[] {
    const others = [...this.#groups].filter(([name]) => name !== UNGROUPED && name !== 'all')
    const grouped = new Set(others.flatMap(([, group]) => [...group.hosts]))
    return [...this.#all].filter(host => !grouped.has(host))
  }
}

/** The names that a name with ranges means, `web[01:10:2]` and `db[a:c]` among them; undefined if they are too many. */
function expanded(name: string): readonly string[] | undefined {
  let names = [name]
  for (let round = 0; names[0]?.includes('[') && round <= RANGES_MAX; round++) {
    if (round === RANGES_MAX) return undefined
    const made: string[] = []
    for (const each of names) {
      const next = firstRange(each)
      if (!next || made.length + next.length > HOSTS_MAX) return undefined
      made.push(...next)
    }
    names = made
  }
  return names
}

function firstRange(name: string): readonly string[] | undefined {
  const found = /^([^[]*)\[(\d{0,9}|[a-zA-Z]):(\d{1,9}|[a-zA-Z])(?::(\d{1,4}))?\](.*)$/.exec(name)
  if (!found) return undefined
  const [, before = '', from = '', to = '', by = '1', after = ''] = found
  const isLetter = /[a-zA-Z]/.test(from)
  if (isLetter !== /[a-zA-Z]/.test(to)) return undefined
  const [first, last] = isLetter ? [LETTERS.indexOf(from), LETTERS.indexOf(to)] : [Number(from), Number(to)]
  const step = Number(by)
  const count = step > 0 ? Math.floor((last - first) / step) + 1 : 0
  if (count < 1 || count > HOSTS_MAX) return undefined
  const width = from.length > 1 && from.startsWith('0') ? from.length : 0
  return Array.from({ length: count }, (_, at) => {
    const value = first + at * step
    return `${before}${isLetter ? LETTERS[value] : String(value).padStart(width, '0')}${after}`
  })
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
