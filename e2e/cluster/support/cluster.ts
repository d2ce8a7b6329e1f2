import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../support/until.ts'
import { KubernetesApi } from './api.ts'
import { type Image, imageFile, pauseProgram } from './images.ts'
import { makePki } from './pki.ts'
import { Sandbox } from './sandbox.ts'
import { API_PORT, NODE_NAME, PAUSE_IMAGE, writeSettings } from './settings.ts'

/** Where the cluster's own programs are. */
export interface Programs {
  /** The folder with kube-apiserver and the other Kubernetes programs. */
  readonly kubernetes: string
  readonly coredns: string
}

const PREFIX = 'presence-cluster-'
/** A file with the number of the process that owns the cluster. */
const OWNER = 'owner'

/** A real Kubernetes with one node, in its own sandbox: started part by part, removed without a trace. */
export class Cluster {
  readonly sandbox: Sandbox
  readonly api: KubernetesApi

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox
    this.api = KubernetesApi.of(this.kubeconfig)
  }

  get kubeconfig(): string {
    return join(this.sandbox.folder, 'kubeconfig')
  }

  /** @param images the images for Pods, besides the image that holds their namespaces */
  static async start(programs: Programs, images: readonly Image[]): Promise<Cluster> {
    removeAbandoned()
    const folder = mkdtempSync(join(tmpdir(), PREFIX))
    writeFileSync(join(folder, OWNER), String(process.pid))
    const sandbox = await Sandbox.open(folder)
    try {
      makePki(join(folder, 'pki'), sandbox.network)
      writeSettings(sandbox)
      const cluster = new Cluster(sandbox)
      await cluster.#startAll(programs, images)
      return cluster
    } catch (error) {
      await sandbox.close()
      throw new Error(`the cluster did not start; its logs are in ${folder}/log`, { cause: error })
    }
  }

  /** @param keepLogs whether to keep the logs, which may show what went wrong */
  async stop(keepLogs = false): Promise<void> {
    const { folder } = this.sandbox
    await this.sandbox.close()
    for (const name of readdirSync(folder))
      if (name !== 'log' || !keepLogs) rmSync(join(folder, name), { recursive: true })
    if (keepLogs) console.warn(`the cluster's logs are in ${folder}/log`)
    else rmdirSync(folder)
  }

  async #startAll({ kubernetes, coredns }: Programs, images: readonly Image[]): Promise<void> {
    const { sandbox } = this
    const { folder } = sandbox
    sandbox.start('etcd', 'etcd', '--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync')
    sandbox.start('containerd', 'containerd', '--config', join(folder, 'containerd.toml'))
    sandbox.start('kube-apiserver', join(kubernetes, 'kube-apiserver'), ...this.#apiServerArguments())
    const pause = { name: PAUSE_IMAGE, programs: [pauseProgram(folder)], entrypoint: ['/bin/pause'] }
    for (const image of [pause, ...images]) await this.#import(imageFile(image))
    await until('the API server', () => this.api.isReady(), 180_000)
    this.#startControllers(kubernetes)
    this.#startNode(kubernetes)
    sandbox.start('coredns', coredns, '-conf', join(folder, 'Corefile'))
    await until('the node', () => this.#isNodeReady(), 180_000)
    await until('the default service account', () =>
      this.api.get('/api/v1/namespaces/default/serviceaccounts/default'),
    )
  }

  #apiServerArguments(): string[] {
    const { folder, network } = this.sandbox
    const pki = join(folder, 'pki')
    return [
      '--etcd-servers=http://127.0.0.1:2379',
      `--secure-port=${API_PORT}`,
      `--advertise-address=${network.node}`,
      `--tls-cert-file=${pki}/apiserver.crt`,
      `--tls-private-key-file=${pki}/apiserver.key`,
      `--client-ca-file=${pki}/ca.crt`,
      `--service-account-key-file=${pki}/sa.pub`,
      `--service-account-signing-key-file=${pki}/sa.key`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-cluster-ip-range=${network.services}`,
      '--authorization-mode=RBAC',
      // Its cache disconnects a watcher that reads slowly, which the provider in the tests does not handle
      // well.
      '--watch-cache=false',
      '--allow-privileged=true',
      `--kubelet-client-certificate=${pki}/admin.crt`,
      `--kubelet-client-key=${pki}/admin.key`,
      '--kubelet-preferred-address-types=InternalIP',
    ]
  }

  #startControllers(kubernetes: string): void {
    const { folder } = this.sandbox
    const pki = join(folder, 'pki')
    const common = [`--kubeconfig=${folder}/kubeconfig`, '--leader-elect=false']
    const accounts = [`--service-account-private-key-file=${pki}/sa.key`, `--root-ca-file=${pki}/ca.crt`]
    const manager = 'kube-controller-manager'
    this.sandbox.start(manager, join(kubernetes, manager), ...common, ...accounts)
    this.sandbox.start('kube-scheduler', join(kubernetes, 'kube-scheduler'), ...common)
  }

  #startNode(kubernetes: string): void {
    const { folder, network } = this.sandbox
    mkdirSync(join(folder, 'kubelet'), { recursive: true })
    this.sandbox.start(
      'kubelet',
      join(kubernetes, 'kubelet'),
      `--config=${folder}/kubelet.json`,
      `--kubeconfig=${folder}/kubeconfig`,
      `--root-dir=${folder}/kubelet`,
      `--cert-dir=${folder}/kubelet/pki`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${network.node}`,
    )
    this.sandbox.start('kube-proxy', join(kubernetes, 'kube-proxy'), `--config=${folder}/proxy.json`)
  }

  async #import(file: string): Promise<void> {
    const address = join(this.sandbox.folder, 'containerd.sock')
    const ctr = (...args: string[]) =>
      this.sandbox.run('ctr', '--address', address, '--namespace', 'k8s.io', ...args)
    await until('containerd', () => ctr('version'))
    ctr('images', 'import', file)
  }

  async #isNodeReady(): Promise<boolean> {
    const { status } = await this.api.get(`/api/v1/nodes/${NODE_NAME}`)
    return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
  }
}

/** When a process is killed, its cluster ends too, but its folder stays, and images make it large. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir()).filter(found => found.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name)
    try {
      process.kill(Number(readFileSync(join(folder, OWNER), 'utf8')), 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') rmSync(folder, { recursive: true })
    }
  }
}
