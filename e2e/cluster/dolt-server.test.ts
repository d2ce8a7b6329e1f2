import mysql from 'mysql2/promise'
import { expect, it } from 'vitest'
import { presenceOn } from '../support/cli.ts'
import { until } from '../support/until.ts'
import type { PodObject } from './support/api.ts'
import { api, jobsIn, newNamespace, newStack } from './support/context.ts'
import { LoadBalancer } from './support/load-balancer.ts'
import { DOLT_IMAGE } from './support/programs.ts'
import { newVolume } from './support/volume.ts'

const PASSWORD = "root's and-secret"

it('with `doltServer` the stack also runs a Dolt server: claims go through its Service, and the data is never removed', async () => {
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

  // Out here no DNS knows the Service, so its address replaces its name.
  const { dsn: named } = await stack.outputs('--show-secrets')
  const dsn = named.replace(`dolt.${namespace}.svc.cluster.local`, service.spec.clusterIP ?? '')
  const [ana, bob] = [presenceOn(dsn, 'ana'), presenceOn(dsn, 'bob')]
  expect(await ana('claim', 'node:a', '--purpose', 'p')).toMatchObject({ status: 0, stderr: '' })
  expect((await bob('claim', 'node:a', '--purpose', 'q')).stdout).toContain('ana')

  await expect(rootWithout(new URL(dsn).hostname)).rejects.toThrow(/denied/i)
  expect((await stack.preview('--expect-no-changes')).status).toBe(0)

  // A node that crashed leaves a record of its server in the data. The next Pod must start anyway.
  await killServer(namespace)
  const isBack = async () => (await bob('list', '--strict')).stdout.includes('ana')
  await until('the server to be back with its data', isBack, 180_000)

  await stack.set({}, { password: 'another-and-secret' })
  const changed = await stack.up()
  expect(changed.status, changed.output).toBe(0)
  const host = new URL(dsn).hostname
  ;(await mysql.createConnection({ host, user: 'root', password: 'another-and-secret' })).destroy()
  await expect(mysql.createConnection({ host, user: 'root', password: PASSWORD })).rejects.toThrow(/denied/i)

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

  // If it is removed on purpose, the data stays, and a later stack takes it over.
  await stack.set({ 'doltServer.protect': 'false' })
  expect((await stack.up()).status).toBe(0)
  const gone = await stack.destroy()
  expect(gone.status, gone.output).toBe(0)
  await stack.set({ 'doltServer.adopt[1]': 'volume' })
  const back = await stack.up()
  expect(back.status, back.output).toBe(0)
  const later = await api.get(`/api/v1/namespaces/${namespace}/services/dolt`)
  const again = dsn.replace(new URL(dsn).hostname, later.spec.clusterIP ?? '')
  expect((await presenceOn(again, 'bob')('list')).stdout).toContain('ana')
})

/** Ends the server together with its Pod, as a crash would, and waits for the next Pod. */
async function killServer(namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`
  const pods = () => api.list<PodObject>(`${path}?labelSelector=app.kubernetes.io/name=dolt`)
  const [killed] = await pods()
  await api.delete(`${path}/${killed?.metadata.name}?gracePeriodSeconds=0`)
  const isNext = ({ metadata, status }: PodObject) =>
    metadata.uid !== killed?.metadata.uid &&
    status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  await until('another Pod', async () => (await pods()).some(isNext), 180_000)
}

async function rootWithout(host: string): Promise<void> {
  const connection = await mysql.createConnection({ host, user: 'root', password: '' })
  connection.destroy()
}
