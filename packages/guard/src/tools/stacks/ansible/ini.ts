import type { Budget } from '../../../budget.ts'
import type { Groups } from './groups.ts'

/** Lines between two looks at the clock. */
const LINES_PER_LOOK = 200
const LOCAL = /(^|\s)ansible_connection\s*=\s*["']?local["']?(\s|$)/

/** Adds an inventory in Ansible's INI format. False if it isn't one. */
export function addIni(groups: Groups, text: string, budget: Budget): boolean {
  let section = 'ungrouped'
  let part = ''
  let count = 0
  for (const raw of text.split('\n')) {
    if (++count % LINES_PER_LOOK === 0 && budget.isOver()) return false
    const line = withoutComment(raw)
    if (line === '') continue
    const header = /^\[([^:\]\s]+)(?::(\w+))?\]$/.exec(line)
    if (header) {
      section = header[1] ?? ''
      part = header[2] ?? ''
      groups.addGroup(section)
    } else if (line.startsWith('[')) return false
    else if (part === 'vars') {
      if (LOCAL.test(line)) groups.runsHere(section)
    } else if (part === 'children') groups.addChild(section, line)
    else addHosts(groups, section, line)
  }
  return true
}

function withoutComment(raw: string): string {
  const line = raw.trim()
  if (/^[#;]/.test(line)) return ''
  const hash = line.indexOf(' #')
  return hash < 0 ? line : line.slice(0, hash).trimEnd()
}

/** `web1:2222 ansible_user=ana`. */
function addHosts(groups: Groups, section: string, line: string): void {
  const end = line.search(/\s/)
  const [name, rest] = end < 0 ? [line, ''] : [line.slice(0, end), line.slice(end)]
  const unquoted = name.replace(/^(["'])(.*)\1$/, '$2')
  const host = unquoted.replace(/^\[([0-9a-f:]+)\](:\d+)?$/i, '$1').replace(/^([^:]*):\d+$/, '$1')
  groups.addRange(section, withoutPort(host), LOCAL.test(rest))
}

/** `web[1:3]:2222` is three hosts. */
const withoutPort = (host: string) => host.replace(/\]([^[\]:]*):\d+$/, ']$1')
