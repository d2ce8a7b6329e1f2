import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { scratchFolder } from '../../support/scratch.ts'
import { until } from '../../support/until.ts'
import { KubernetesApi } from './api.ts'
import { NODE_IMAGE } from './programs.ts'
import { PulumiStack } from './pulumi.ts'

const ROOT = join(import.meta.dirname, '../../..')
const { kubeconfig, folder, pulumi, entrance } = inject('cluster')

export const api = KubernetesApi.of(kubeconfig)

/** A name that no other test uses. */
export function newNamespace(): string {
  return `t-${crypto.randomUUID().slice(0, 8)}`
}

/** A folder on the node's disk, deleted with the cluster. */
export function dataFolder(name: string): string {
  const at = join(folder, 'data', name)
  mkdirSync(at, { recursive: true, mode: 0o777 })
  return at
}

/** A copy of the source that a test may change: all that `pulumi up` reads. */
export function checkout(): string {
  const at = scratchFolder()
  const packages = readdirSync(join(ROOT, 'packages')).map(name => `packages/${name}`)
  const parts = ['Pulumi.yaml', 'package.json', 'build', 'infra', 'migrations', ...packages]
  for (const part of parts)
    cpSync(join(ROOT, part), join(at, part), {
      recursive: true,
      filter: from => !/\/(dist|node_modules)$/.test(from),
    })
  for (const part of ['', 'infra', ...packages].filter(each => existsSync(join(ROOT, each, 'node_modules'))))
    symlinkSync(join(ROOT, part, 'node_modules'), join(at, part, 'node_modules'))
  return at
}

/** A stack that differs from an operator's only in the image of Node, because no registry is used here. */
export async function newStack(
  config: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>> = {},
  stack = 'test',
): Promise<PulumiStack> {
  const namespace = config['namespace'] ?? 'beads-server'
  const made: PulumiStack = new PulumiStack({
    checkout: checkout(),
    folder: scratchFolder(),
    kubeconfig,
    programs: pulumi,
    entrance,
    stack,
    afterCrash: async () => {
      await deleteJobs(namespace)
      await deleteUnknown(namespace, made)
    },
  })
  await made.init({ image: NODE_IMAGE, ...config }, secrets)
  return made
}

/**
 * As the operators' page describes: deletes Jobs that Pulumi doesn't know and whose name the next Job would
 * have.
 */
async function deleteJobs(namespace: string): Promise<void> {
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  for (const name of await jobsIn(namespace)) await api.delete(`${jobs}/${name}?propagationPolicy=Background`)
  await until('the Jobs to go', async () => (await jobsIn(namespace)).length === 0)
}

/** The same for what `server` waits for. */
async function deleteUnknown(namespace: string, stack: PulumiStack): Promise<void> {
  for (const [part, path] of [
    ['server-deployment', `/apis/apps/v1/namespaces/${namespace}/deployments`],
    ['server-service', `/api/v1/namespaces/${namespace}/services`],
  ] as const) {
    const found = await api.list(path)
    if (found.some(({ metadata }) => metadata.name === 'presence') && !stack.knows(part))
      await api.delete(`${path}/presence`)
  }
}

/** The Jobs of a namespace, by name. */
export async function jobsIn(namespace: string): Promise<readonly string[]> {
  const jobs = await api.list(`/apis/batch/v1/namespaces/${namespace}/jobs`)
  return jobs.map(job => job.metadata.name)
}

/** The logs of a Job's Pods, the first Pod's first. */
export async function logOf(namespace: string, job: string): Promise<string> {
  const pods = await api.list(`/api/v1/namespaces/${namespace}/pods?labelSelector=job-name=${job}`)
  const logs = pods.map(pod => api.text(`/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log`))
  return (await Promise.all(logs)).join('')
}
