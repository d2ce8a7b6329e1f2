import type { Groups } from './groups.ts'

const LOCALHOST: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1'])
/** A pattern with more stars isn't matched: it could take long. */
const STARS_MAX = 4
/** More patterns are unknown, and so is a pattern of groups with more hosts in total. */
const PATTERNS_MAX = 64
const HOSTS_MAX = 50_000

/** The patterns of a text such as `web:&prod:!web3` or `web,db`. */
export function patternsIn(text: string): readonly string[] {
  const isAddress = /^[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*$/i.test(text)
  const parts = text.includes(',')
    ? text.split(',')
    : isAddress
      ? [text]
      : (text.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? [])
  return parts.map(part => part.trim()).filter(part => part !== '')
}

/**
 * The hosts that patterns mean, by Ansible's rules: it adds first, then intersects, then excludes, in any order of
 * writing. Undefined if they aren't known; so is a group that the inventory lacks, because plays may make groups.
 */
export function hostsIn(given: readonly string[], groups: Groups | undefined): readonly string[] | undefined {
  const patterns = [...new Set(given)]
  if (patterns.length > PATTERNS_MAX) return undefined
  const plain = patterns.filter(part => !/^[&!]/.test(part))
  const found = new Set<string>()
  for (const part of plain.length > 0 ? plain : ['all']) {
    const hosts = matching(part, groups)
    if (hosts === undefined) return undefined
    for (const host of hosts) found.add(host)
  }
  let left = [...found]
  for (const part of patterns.filter(each => each.startsWith('&'))) {
    const hosts = matching(part.slice(1), groups)
    if (hosts === undefined) return undefined
    const wanted = new Set(hosts)
    left = left.filter(host => wanted.has(host))
  }
  for (const part of patterns.filter(each => each.startsWith('!'))) {
    const hosts = matching(part.slice(1), groups)
    // A name that nothing has excludes nothing.
    if (hosts === undefined && (!groups || /[*?[~{]/.test(part))) return undefined
    const excluded = new Set(hosts)
    left = left.filter(host => !excluded.has(host))
  }
  return left
}

/** The hosts of one pattern; undefined if nothing matches, or if it isn't understood. */
function matching(part: string, groups: Groups | undefined): readonly string[] | undefined {
  if (LOCALHOST.has(part) && !groups?.hosts().includes(part)) return [part]
  if (!groups || part.startsWith('~') || part.includes('{{')) return undefined
  const slice = /^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/.exec(part)
  if (slice) return sliced(groups, slice)
  if (part === '*') return groups.hosts()
  if (!/[*?[]/.test(part)) {
    const isHost = groups.hosts().includes(part)
    // A name with a dot may be a group and a host.
    if (groups.has(part))
      return [...new Set([...groups.hostsOf(part), ...(isHost && part.includes('.') ? [part] : [])])]
    return isHost ? [part] : undefined
  }
  const shape = shapeOf(part)
  if (!shape) return undefined
  const found = new Set<string>()
  let count = 0
  const inGroups = groups.names().filter(name => shape.test(name))
  for (const name of inGroups) {
    const hosts = groups.hostsOf(name)
    count += hosts.length
    if (count > HOSTS_MAX) return undefined
    for (const host of hosts) found.add(host)
  }
  for (const host of groups.hosts()) if (shape.test(host)) found.add(host)
  return found.size > 0 || inGroups.length > 0 ? [...found] : undefined
}

/** `web[0]`, `web[-1]`, `web[1:2]` with both ends, `web[1:]`. Only of a group: the order of others isn't known. */
function sliced(
  groups: Groups,
  [, name = '', one, from, to]: RegExpExecArray,
): readonly string[] | undefined {
  if (name === 'all' || !groups.has(name)) return undefined
  const hosts = groups.hostsOf(name)
  if (one === undefined) return hosts.slice(Number(from), to ? Number(to) + 1 : undefined)
  const host = hosts.at(Number(one))
  return host === undefined ? undefined : [host]
}

/** A shell's pattern as a regular expression. */
function shapeOf(part: string): RegExp | undefined {
  if (part.length > 255 || (part.match(/\*+/g)?.length ?? 0) > STARS_MAX) return undefined
  const made = part
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.')
    .replace(/\[!/g, '[^')
  try {
    return new RegExp(`^${made}$`)
  } catch {
    return undefined
  }
}
