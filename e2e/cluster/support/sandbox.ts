import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../../support/until.ts'

/**
 * The addresses of one sandbox. Each sandbox has a different number, so that two on one machine never
 * conflict.
 */
export interface Network {
  /** The only address of the node, and of everything in it that listens. */
  readonly node: string
  readonly pods: string
  readonly podsGateway: string
  readonly services: string
  /** The first address of `services`, which is the API server's own. */
  readonly firstService: string
}

const NUMBERS = 64
export const POD_BRIDGE = 'pods'
const CGROUPS = '/sys/fs/cgroup'

/**
 * Separate network, mount and process namespaces: inside them every port is free, and all bridges, iptables
 * rules, mounts and processes end with the first process in there. That process reads from a pipe that this
 * process holds, so that it ends with this process, however that ends.
 *
 * One veth pair connects to the outside, named by the sandbox's number. Creating it fails if the number is
 * taken, so it serves as the lock.
 */
export class Sandbox {
  readonly folder: string
  readonly network: Network
  /** Where the kubelet keeps its cgroups, below each controller's root. */
  readonly cgroup: string
  readonly #holder: ChildProcess
  /** The first process in there, by its process id outside. */
  readonly #pid: number
  readonly #link: string

  private constructor(folder: string, holder: ChildProcess, pid: number, number: number) {
    this.folder = folder
    this.#holder = holder
    this.#pid = pid
    this.#link = linkOf(number)
    this.network = networkOf(number)
    // Includes the process id: another sandbox may have this sandbox's number while these cgroups are being
    // removed.
    this.cgroup = `/presence-${number}-${pid}`
  }

  /** @param folder where the logs of the parts go, in `log/` */
  static async open(folder: string): Promise<Sandbox> {
    mkdirSync(join(folder, 'log'), { recursive: true })
    const namespaces = ['--net', '--mount', '--propagation', 'private', '--pid', '--mount-proc']
    const holder = spawn('unshare', [...namespaces, '--fork', '--kill-child', 'cat'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    try {
      const pid = await until('the first process of the sandbox', () => childOf(holder.pid))
      await until('its namespaces', () => !sameNamespace(pid))
      const sandbox = new Sandbox(folder, holder, pid, connect(pid))
      sandbox.#prepare()
      return sandbox
    } catch (error) {
      holder.kill('SIGKILL')
      throw error
    }
  }

  /** The command prefix that runs a command in the sandbox. */
  get entrance(): readonly [program: string, ...args: string[]] {
    return ['nsenter', '--target', String(this.#pid), '--net', '--mount', '--pid', '--']
  }

  /** Runs a command in the sandbox and returns its output. */
  run(...command: string[]): string {
    const [program, ...args] = this.entrance
    return execFileSync(program, [...args, ...command], { encoding: 'utf8' })
  }

  /** Starts a process that runs until the sandbox is closed. Its output goes to `log/<name>.log`. */
  start(name: string, ...command: string[]): void {
    const log = openSync(join(this.folder, 'log', `${name}.log`), 'a')
    const [program, ...args] = this.entrance
    const child = spawn(program, [...args, ...command], { stdio: ['ignore', log, log] })
    closeSync(log)
    child.unref()
  }

  /** Ends every process in the sandbox, and so removes everything they created. */
  async close(): Promise<void> {
    const ended = once(this.#holder, 'exit')
    process.kill(this.#pid, 'SIGKILL')
    await ended
    await until('the link to go', () => spawnSync('ip', ['link', 'show', this.#link]).status !== 0)
    await until('the cgroups to be empty', () => {
      for (const controller of readdirSync(CGROUPS)) removeTree(join(CGROUPS, controller, this.cgroup))
      return true
    })
  }

  #prepare(): void {
    const { node, pods, podsGateway, services } = this.network
    this.run('ip', 'link', 'set', 'lo', 'up')
    this.run('ip', 'addr', 'add', `${node}/30`, 'dev', 'node')
    this.run('ip', 'link', 'set', 'node', 'up')
    this.run('ip', 'route', 'add', 'default', 'via', gatewayOf(node))
    this.run('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
    // The Pods' bridge. Its plugin would create it only for the first Pod, but the DNS server listens on it
    // before that.
    this.run('ip', 'link', 'add', POD_BRIDGE, 'type', 'bridge')
    this.run('ip', 'addr', 'add', `${podsGateway}/24`, 'dev', POD_BRIDGE)
    this.run('ip', 'link', 'set', POD_BRIDGE, 'up')
    // From outside, Pods and Services are reached in the same way as from inside. kube-proxy's rules handle
    // the latter.
    for (const range of [pods, services]) execFileSync('ip', ['route', 'add', range, 'via', node])
    for (const controller of readdirSync(CGROUPS))
      mkdirSync(join(CGROUPS, controller, this.cgroup), { recursive: true })
  }
}

function childOf(pid: number | undefined): number | undefined {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]) || undefined
}

function sameNamespace(pid: number): boolean {
  return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')
}

/** Creates the link with the first free number. */
function connect(pid: number): number {
  for (let number = 0; number < NUMBERS; number++) {
    const link = linkOf(number)
    const peer = ['peer', 'name', 'node', 'netns', String(pid)]
    if (spawnSync('ip', ['link', 'add', link, 'type', 'veth', ...peer]).status !== 0) continue
    execFileSync('ip', ['addr', 'add', `${gatewayOf(networkOf(number).node)}/30`, 'dev', link])
    execFileSync('ip', ['link', 'set', link, 'up'])
    return number
  }
  throw new Error(`none of ${NUMBERS} numbers for a cluster's network is free: ip link`)
}

function linkOf(number: number): string {
  return `presence${number}`
}

function networkOf(number: number): Network {
  return {
    node: `10.214.${number}.2`,
    pods: `10.215.${number}.0/24`,
    podsGateway: `10.215.${number}.1`,
    services: `10.216.${number}.0/24`,
    firstService: `10.216.${number}.1`,
  }
}

function gatewayOf(node: string): string {
  return node.replace(/\.2$/, '.1')
}

/** The files of a cgroup's folder can't be removed. The folder is removed by removing only its folders. */
function removeTree(folder: string): void {
  let names: { name: string; isDirectory(): boolean }[]
  try {
    names = readdirSync(folder, { withFileTypes: true })
  } catch {
    return
  }
  for (const entry of names) if (entry.isDirectory()) removeTree(join(folder, entry.name))
  rmdirSync(folder)
}
