import { isMap, readYaml, type Yaml } from '../../../yaml/index.ts'
import type { Call, Word } from '../../tool.ts'
import { joinPath } from '../paths.ts'

/** An inventory's groups with all of their hosts, also of their children. `all` is among them. */
export type Inventory = ReadonlyMap<string, ReadonlySet<string>>

interface Group {
  readonly hosts: Set<string>
  readonly children: Set<string>
}
type Groups = Map<string, Group>

/** More hosts aren't read. */
export const HOSTS_MAX = 500
/** Files of an inventory's folder that are read. */
const FILES_MAX = 16
const CONFIGS = ['ansible.cfg', '~/.ansible.cfg', '/etc/ansible/ansible.cfg']
const DEFAULT = '/etc/ansible/hosts'

/** Reads the inventories that a command uses. Undefined if one of them can't be read: a program is never started. */
export function inventoryOf(call: Call, given: readonly Word[]): Inventory | undefined {
  const sources = given.length > 0 ? given.map(word => word.text) : ambient(call)
  if (sources === undefined) return undefined
  const groups: Groups = new Map()
  for (const source of sources) if (source === undefined || !addSource(call, groups, source)) return undefined
  return flattened(groups)
}

/** The inventory that the environment or the nearest configuration names. */
function ambient(call: Call): readonly (string | undefined)[] | undefined {
  if (call.isRemote || call.unknownEnv.has('ANSIBLE_INVENTORY')) return undefined
  const set = call.env['ANSIBLE_INVENTORY']
  if (set) return set.split(',')
  const own = call.env['ANSIBLE_CONFIG']
  const home = call.env['HOME'] ?? call.context.home ?? ''
  const paths = own ? [own] : CONFIGS.map(path => path.replace('~', home))
  for (const path of paths) {
    const text = call.read(path)
    if (text === undefined) continue
    const named = /^\s*inventory\s*=\s*(.+)$/m.exec(text)?.[1]?.trim()
    if (named === undefined) return [DEFAULT]
    const folder = joinPath(call.cwd, `${path}/..`)
    return named.split(',').map(each => joinPath(folder, each.trim().replace('~', home)))
  }
  return [DEFAULT]
}

function addSource(call: Call, groups: Groups, source: string): boolean {
  if (source.includes(',')) {
    for (const host of source.split(',')) if (host.trim()) add(groups, 'ungrouped', host.trim())
    return true
  }
  const text = call.read(source)
  if (text !== undefined) return addText(call, groups, source, text)
  const names = call.list(source)?.filter(name => !/^\.|\.(pyc?|cfg|retry|orig|bak)$|_vars$/.test(name)) ?? []
  const files = names.slice(0, FILES_MAX).map(name => `${source.replace(/\/+$/, '')}/${name}`)
  return (
    files.length > 0 &&
    files.every(file => {
      const content = call.read(file)
      return content !== undefined && addText(call, groups, file, content)
    })
  )
}

function addText(call: Call, groups: Groups, path: string, text: string): boolean {
  // A program, or a plugin's configuration that names a cloud.
  if (text.startsWith('#!') || /^plugin\s*:/m.test(text)) return false
  if (/\.(ya?ml|json)$/.test(path) || /^(---|all\s*:|\{)/m.test(text.slice(0, 200))) {
    const [document] = readYaml(text, call.budget)
    if (!isMap(document)) return false
    for (const [name, group] of Object.entries(document)) addGroup(groups, name, group)
    return true
  }
  return addIni(groups, text)
}

function addGroup(groups: Groups, name: string, group: Yaml): void {
  const own = groupOf(groups, name)
  if (!isMap(group)) return
  const { hosts, children } = group
  if (isMap(hosts))
    for (const host of Object.keys(hosts)) for (const each of rangeOf(host)) own.hosts.add(each)
  if (isMap(children))
    for (const [child, inside] of Object.entries(children)) {
      own.children.add(child)
      addGroup(groups, child, inside)
    }
}

function addIni(groups: Groups, text: string): boolean {
  let section = 'ungrouped'
  let part = ''
  for (const raw of text.split('\n')) {
    const line = raw.replace(/(^|\s)[#;].*$/, '').trim()
    const header = /^\[([^\]:]+)(?::(\w+))?\]$/.exec(line)
    if (header) {
      section = header[1] ?? ''
      part = header[2] ?? ''
      groupOf(groups, section)
      continue
    }
    const [name] = line.split(/\s+/)
    if (!name || part === 'vars') continue
    if (part === 'children') groupOf(groups, section).children.add(name)
    else for (const host of rangeOf(name.replace(/^([^[\]:]+):\d+$/, '$1'))) add(groups, section, host)
  }
  return true
}

function add(groups: Groups, name: string, host: string): void {
  groupOf(groups, name).hosts.add(host)
}

function groupOf(groups: Groups, name: string): Group {
  const known = groups.get(name) ?? { hosts: new Set(), children: new Set() }
  groups.set(name, known)
  return known
}

/** `web[01:03].example.org` is three hosts. */
function rangeOf(name: string): readonly string[] {
  const found = /^(.*?)\[(\d+|[a-z]):(\d+|[a-z])\](.*)$/.exec(name)
  if (!found) return [name]
  const [, before = '', from = '', to = '', after = ''] = found
  const isLetter = /[a-z]/.test(from)
  const [first, last] = isLetter ? [from.charCodeAt(0), to.charCodeAt(0)] : [Number(from), Number(to)]
  const count = Math.min(last - first + 1, HOSTS_MAX)
  return Array.from({ length: Math.max(count, 0) }, (_, at) => {
    const value = first + at
    return `${before}${isLetter ? String.fromCharCode(value) : String(value).padStart(from.length, '0')}${after}`
  })
}

function flattened(groups: Groups): Inventory {
  const flat = new Map<string, Set<string>>()
  const hostsOf = (name: string, seen: ReadonlySet<string>): Set<string> => {
    const group = groups.get(name)
    if (!group || seen.has(name)) return new Set()
    const inside = [...group.children].flatMap(child => [...hostsOf(child, new Set([...seen, name]))])
    return new Set([...group.hosts, ...inside].slice(0, HOSTS_MAX))
  }
  for (const name of groups.keys()) flat.set(name, hostsOf(name, new Set()))
  flat.set('all', new Set([...flat.values()].flatMap(hosts => [...hosts])))
  return flat
}
