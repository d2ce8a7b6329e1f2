import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** The programs that the cluster needs besides the toolchain, each with its Debian package. */
const PROGRAMS: readonly (readonly [program: string, debian: string])[] = [
  ['etcd', 'etcd-server'],
  ['containerd', 'containerd'],
  ['runc', 'runc'],
  ['iptables', 'iptables'],
  ['conntrack', 'conntrack'],
  ['ip', 'iproute2'],
  ['unshare', 'util-linux'],
  ['openssl', 'openssl'],
  ['gcc', 'gcc'],
  ['go', 'golang (1.26 or newer)'],
]

export const CNI_PLUGINS = '/usr/lib/cni'

/** @throws Error that names what to install, or that root is needed */
export function requireAll(): void {
  if (process.getuid?.() !== 0) throw new Error('the cluster needs root: namespaces, mounts and containers')
  const missing = PROGRAMS.filter(([program]) => spawnSync('which', [program]).status !== 0).map(
    ([, debian]) => debian,
  )
  if (!existsSync(`${CNI_PLUGINS}/bridge`)) missing.push('containernetworking-plugins')
  if (missing.length > 0)
    throw new Error(`the cluster needs what is not installed: apt-get install ${missing.join(' ')}`)
}
