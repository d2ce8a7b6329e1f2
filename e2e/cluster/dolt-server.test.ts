import mysql from 'mysql2/promise'
import { expect, it } from 'vitest'
import { presenceOn } from '../support/cli.ts'
import { api, jobsIn, newNamespace, newStack } from './support/context.ts'
import { LoadBalancer } from './support/load-balancer.ts'
import { DOLT_IMAGE } from './support/programs.ts'
import { newVolume } from './support/volume.ts'

const PASSWORD = "root's and-secret"

it('with doltServer the stack brings the server too: claims go through its Service, and neither is taken away', async () => {
  const namespace = newNamespace()
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } })
  await using _ = new LoadBalancer(namespace)
  const stack = await newStack(
    {
      namespace,
      'doltServer.enabled': 'true',
      'doltServer.image': DOLT_IMAGE,
      'doltServer.storageClass': await newVolume(namespace),
      'doltServer.address': '10.0.20.200',
      'doltServer.adopt[0]': 'namespace',
    },
    { password: PASSWORD, presencePassword: 'agents' },
  )
  const { status, output } = await stack.up()
  expect(status, output).toBe(0)
  expect(output).not.toContain('and-secret')
  expect(stack.stateFile()).not.toContain('and-secret')
  expect((await stack.outputs()).address).toBe('10.0.20.200')

  const service = await api.get(`/api/v1/namespaces/${namespace}/services/dolt`)
  expect(service.spec).toMatchObject({ type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' })
  expect(service.metadata.annotations).toMatchObject({ 'metallb.io/allow-shared-ip': 'shared' })

  // Out here no name service knows the Service: its address stands in for its name.
  const { dsn: named } = await stack.outputs('--show-secrets')
  const dsn = named.replace(`dolt.${namespace}.svc.cluster.local`, service.spec.clusterIP ?? '')
  const [ana, bob] = [presenceOn(dsn, 'ana'), presenceOn(dsn, 'bob')]
  expect(await ana('claim', 'node:a', '--purpose', 'p')).toMatchObject({ status: 0, stderr: '' })
  expect((await bob('claim', 'node:a', '--purpose', 'q')).stdout).toContain('ana')

  await expect(rootWithout(new URL(dsn).hostname)).rejects.toThrow(/denied/i)
  expect((await stack.preview('--expect-no-changes')).status).toBe(0)

  await stack.set({ 'doltServer.enabled': 'false' })
  const mistake = await stack.up()
  expect(mistake.status).not.toBe(0)
  expect(mistake.output).toContain('protect')
  expect((await bob('list')).stdout).toContain('ana')

  await stack.set({ 'doltServer.enabled': 'true' })
  const destroyed = await stack.destroy('--exclude-protected')
  expect(destroyed.status, destroyed.output).toBe(0)
  expect(await jobsIn(namespace)).toEqual([])
  expect((await bob('list')).stdout).toContain('ana')
})

async function rootWithout(host: string): Promise<void> {
  const connection = await mysql.createConnection({ host, user: 'root', password: '' })
  connection.destroy()
}
