import type { Call } from '../../tool.ts'
import { joinPath } from '../paths.ts'

const CONFIGS = ['ansible.cfg', '~/.ansible.cfg', '/etc/ansible/ansible.cfg']
const DEFAULT = '/etc/ansible/hosts'

/** The inventories that the environment, or the first configuration file, names. Undefined if they aren't known. */
export function configuredInventory(call: Call): readonly (string | undefined)[] | undefined {
  const { env, unknownEnv, isRemote } = call
  if (isRemote || unknownEnv.has('ANSIBLE_INVENTORY') || unknownEnv.has('ANSIBLE_CONFIG')) return undefined
  if (env['ANSIBLE_INVENTORY']) return env['ANSIBLE_INVENTORY'].split(',')
  const home = env['HOME'] ?? call.context.home ?? ''
  const own = env['ANSIBLE_CONFIG']
  for (const path of own ? [own, `${own}/ansible.cfg`, ...CONFIGS] : CONFIGS) {
    const full = path.replace(/^~(?=\/)/, home)
    const text = call.read(full)
    if (text === undefined) continue
    const named = inventoryIn(text)
    if (named === undefined) return [DEFAULT]
    const folder = joinPath(call.cwd, `${full}/..`)
    return named.split(',').map(each => joinPath(folder, each.trim().replace(/^~(?=\/)/, home)))
  }
  return [DEFAULT]
}

/** `inventory = …` in the section `[defaults]`. */
function inventoryIn(text: string): string | undefined {
  let section = ''
  for (const line of text.split('\n')) {
    section = /^\[([^\]]*)\]/.exec(line)?.[1] ?? section
    const named = section === 'defaults' ? /^inventory\s*[=:]\s*(.+)$/.exec(line)?.[1] : undefined
    if (named !== undefined) return named.replace(/\s[;#].*$/, '').trim() || undefined
  }
  return undefined
}
