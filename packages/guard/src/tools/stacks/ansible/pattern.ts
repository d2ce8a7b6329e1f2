import { HOSTS_MAX, type Inventory } from './inventory.ts'

/** The hosts that a pattern such as `web:&prod:!web3` means. Undefined if it isn't known. */
export function hostsIn(pattern: string, inventory: Inventory | undefined): readonly string[] | undefined {
  if (pattern.includes('{{') || pattern.includes('~')) return undefined
  const parts = pattern.includes(',') ? pattern.split(',') : partsOf(pattern)
  let found: Set<string> | undefined
  const sorted = parts.map(part => part.trim()).filter(Boolean)
  // Ansible adds first, then intersects, then excludes, in any order of writing.
  for (const part of [
    ...sorted.filter(isPlain),
    ...sorted.filter(each => each[0] === '&'),
    ...sorted.filter(each => each[0] === '!'),
  ]) {
    const hosts = matching(part.replace(/^[&!]/, ''), inventory)
    if (hosts === undefined) return undefined
    const before: ReadonlySet<string> =
      found ?? new Set(part.startsWith('!') ? (inventory?.get('all') ?? []) : [])
    if (part.startsWith('&')) found = new Set([...before].filter(host => hosts.has(host)))
    else if (part.startsWith('!')) found = new Set([...before].filter(host => !hosts.has(host)))
    else found = new Set([...before, ...hosts])
  }
  return found && found.size <= HOSTS_MAX ? [...found] : undefined
}

const isPlain = (part: string) => part[0] !== '&' && part[0] !== '!'

/** Splits at colons, but not in `web[0:2]` and in an IPv6 address. */
function partsOf(pattern: string): readonly string[] {
  return /^[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*$/i.test(pattern) ? [pattern] : pattern.split(/:(?![^[]*\])/)
}

function matching(part: string, inventory: Inventory | undefined): ReadonlySet<string> | undefined {
  if (part === 'localhost' || part === '127.0.0.1') return new Set([part])
  if (!inventory) return undefined
  const slice = /^(.+)\[(-?\d+)(?::(-?\d*))?\]$/.exec(part)
  if (slice) {
    const hosts = [...(matching(slice[1] ?? '', inventory) ?? [])]
    const from = Number(slice[2])
    if (slice[3] === undefined) return new Set(hosts.slice(from, from === -1 ? undefined : from + 1))
    return new Set(hosts.slice(from, slice[3] === '' ? undefined : Number(slice[3]) + 1))
  }
  const all = inventory.get('all') ?? new Set<string>()
  if (part === 'all' || part === '*') return all
  const group = inventory.get(part)
  if (group) return group
  if (!part.includes('*') && !part.includes('?')) return all.has(part) ? new Set([part]) : undefined
  const shape = new RegExp(
    `^${part
      .replace(/[.+^${}()|\\[\]]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  )
  const groups = [...inventory].filter(([name]) => shape.test(name)).flatMap(([, hosts]) => [...hosts])
  return new Set([...groups, ...[...all].filter(host => shape.test(host))])
}
