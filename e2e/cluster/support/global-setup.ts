import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { Cluster } from './cluster.ts'
import { clusterPrograms, images, pulumiFolders } from './programs.ts'
import { requireAll } from './requirements.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly cluster: {
      readonly kubeconfig: string
      /** The sandbox's folder, which is also on the node's disk. */
      readonly folder: string
      /** The folders of Pulumi's programs. */
      readonly pulumi: readonly string[]
      readonly entrance: readonly [string, ...string[]]
    }
  }
}

/** One cluster for all tests. Each test uses its own namespaces. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  requireAll()
  // Built before anything is started: a first build takes minutes.
  const programs = clusterPrograms()
  const pods = images()
  const cluster = await Cluster.start(programs, pods)
  const { kubeconfig, sandbox } = cluster
  const pulumi = pulumiFolders(join(sandbox.folder, 'bin'))
  project.provide('cluster', { kubeconfig, folder: sandbox.folder, pulumi, entrance: sandbox.entrance })
  return () => cluster.stop(project.vitest.state.getCountOfFailedTests() > 0)
}
