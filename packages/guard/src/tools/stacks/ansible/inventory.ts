import { isMap, readYaml, type Yaml } from '../../../yaml/index.ts'
import type { Call, Word } from '../../tool.ts'
import { configuredInventory } from './config.ts'
import { Groups } from './groups.ts'
import { addIni } from './ini.ts'

/** Files of inventory folders that are read. */
const FILES_MAX = 24
/** Folders within folders. */
const DEPTH_MAX = 2
/** What Ansible passes over in an inventory's folder. */
const PASSED_OVER =
  /^\.|^(host_vars|group_vars|vars_plugins)$|(\.py[co]|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.cfg|\.retry)$/

/**
 * Reads the inventories that a command uses. Undefined if one of them can't be read or asks a program or a cloud: no
 * program is ever started.
 */
export function inventoryOf(call: Call, given: readonly Word[]): Groups | undefined {
  const sources = given.length > 0 ? given.map(word => word.text) : configuredInventory(call)
  if (sources === undefined) return undefined
  const groups = new Groups()
  const isRead = sources.every(source => source !== undefined && addSource(call, groups, source))
  return isRead && groups.isComplete() && !call.budget.isOver() ? groups : undefined
}

function addSource(call: Call, groups: Groups, source: string): boolean {
  if (source.includes(',')) {
    for (const host of source.split(',')) if (host.trim()) groups.addHost('ungrouped', host.trim())
    return true
  }
  const home = call.env['HOME'] ?? call.context.home
  const path = source.startsWith('~/') && home ? `${home}${source.slice(1)}` : source
  return addPath(call, groups, path, 0, { left: FILES_MAX })
}

function addPath(call: Call, groups: Groups, path: string, depth: number, files: { left: number }): boolean {
  if (files.left-- <= 0 || call.isExecutable(path)) return false
  const text = call.read(path)
  if (text !== undefined) return addText(call, groups, path, text)
  const names = depth > DEPTH_MAX ? undefined : call.list(path)?.filter(name => !PASSED_OVER.test(name))
  if (!names?.length) return false
  return names.every(name => addPath(call, groups, `${path.replace(/\/+$/, '')}/${name}`, depth + 1, files))
}

function addText(call: Call, groups: Groups, path: string, text: string): boolean {
  // A program, the settings of a plugin that asks a cloud, or an encrypted file.
  if (text.startsWith('#!') || text.startsWith('$ANSIBLE_VAULT') || /^["']?plugin["']?\s*:/m.test(text))
    return false
  if (path.endsWith('.toml')) return false
  if (!/\.(ya?ml|json)$/.test(path) && !looksLikeYaml(text)) return addIni(groups, text, call.budget)
  const documents = readYaml(text, call.budget)
  if (documents.length === 0) return true
  return isMap(documents[0]) && addGroups(groups, documents[0])
}

/** A file without an extension is YAML if its first line is a start or a key without a value. */
function looksLikeYaml(text: string): boolean {
  const first = /^(?!\s*(?:[#;]|$))(.*)$/m.exec(text.slice(0, 10_000))?.[1] ?? ''
  return /^(---|\{|[\w.-]+:\s*(#.*)?$)/.test(first)
}

function addGroups(groups: Groups, document: Readonly<Record<string, Yaml>>): boolean {
  return Object.entries(document).every(([name, group]) => addGroup(groups, name, group))
}

function addGroup(groups: Groups, name: string, group: Yaml): boolean {
  groups.addGroup(name)
  if (group === null) return true
  if (!isMap(group)) return false
  const { hosts = null, children = null, vars = null } = group
  // What the reader doesn't understand, such as an alias, has no value.
  if (['hosts', 'children'].some(key => key in group && group[key] === undefined)) return false
  if (isMap(vars) && vars['ansible_connection'] === 'local') groups.runsHere(name)
  if (typeof hosts === 'string') groups.addRange(name, hosts)
  if (isMap(hosts))
    for (const [host, own] of Object.entries(hosts))
      groups.addRange(name, host, isMap(own) && own['ansible_connection'] === 'local')
  if (!isMap(children)) return true
  return Object.entries(children).every(([child, inside]) => {
    groups.addChild(name, child)
    return addGroup(groups, child, inside)
  })
}
