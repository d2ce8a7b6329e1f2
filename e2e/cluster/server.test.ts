import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { presenceOn } from '../support/cli.ts'
import { until } from '../support/until.ts'
import { api } from './support/context.ts'
import { Callers, SECRETS, Served, TOKENS_SECRET } from './support/served.ts'

it('with `server` the stack serves the board over HTTP to clients with a token, and removes the server again', async () => {
  const served = await Served.start()
  const { namespace, stack, token } = served
  expect(await served.ready()).toHaveLength(2)
  const { service, url } = await stack.outputs()
  expect([service, url]).toEqual(['presence', `http://presence.${namespace}.svc.cluster.local:8787`])

  expect(await served.claim('node:seen', { token })).toMatchObject({ status: 200 })
  const bob = presenceOn(served.board, 'bob')
  expect((await bob('claim', 'node:seen', '--purpose', 'q')).stdout).toContain('ana')

  // Only its spec can be checked: this cluster's network enforces no policies.
  const policies = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`
  expect((await api.get(`${policies}/presence`)).spec).toMatchObject({
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 8787 }] }],
    egress: [{ ports: [{ port: 3306 }] }, { ports: [{ port: 53 }, { port: 53 }] }],
  })

  // Tokens come and go without a restart.
  const pods = await served.uids()
  const bobsToken = await served.addToken('bobs', 'bob')
  expect((await served.claim('node:a', {})).status).toBe(401)
  expect((await served.claim('node:a', { token: bobsToken })).status).toBe(401)
  const tokens = readFileSync(served.tokenFile, 'utf8')
  await api.patch(`/api/v1/namespaces/${namespace}/secrets/${TOKENS_SECRET}`, { stringData: { tokens } })
  // Each Pod receives it at a different time.
  for (const { status } of await served.ready()) {
    const bobs = { token: bobsToken, session: 'bob', at: status.podIP }
    const holds = async () => (await served.claim('node:a', bobs)).status === 200
    await until('the new token to hold', holds, 180_000)
  }
  expect((await served.claim('node:a', { token: bobsToken })).status).toBe(403)
  expect(await served.uids()).toEqual(pods)

  for (const text of [stack.stateFile(), ...(await everythingButSecrets(namespace))])
    for (const secret of [...Object.values(SECRETS), token, bobsToken])
      for (const form of [secret, Buffer.from(secret).toString('base64')]) expect(text).not.toContain(form)

  const second = await stack.up()
  expect(second.output).toMatch(/\d+ unchanged/)
  expect(second.output).not.toMatch(/\d (created|updated|replaced|deleted)/)

  await stack.set({ 'server.enabled': 'false' })
  const { status, output } = await stack.up()
  expect(status, output).toBe(0)
  expect(await namesAt(`/apis/apps/v1/namespaces/${namespace}/deployments`)).toEqual(['dolt'])
  expect(await namesAt(`/api/v1/namespaces/${namespace}/services`)).toEqual(['dolt'])
  for (const kind of ['policy/v1/%/poddisruptionbudgets', 'networking.k8s.io/v1/%/networkpolicies'])
    expect(await namesAt(`/apis/${kind.replace('%', `namespaces/${namespace}`)}`)).toEqual([])
  expect(await namesAt(`/api/v1/namespaces/${namespace}/secrets`)).toContain(TOKENS_SECRET)
  expect((await stack.outputs()).url).toBeUndefined()
  expect((await bob('list')).stdout).toContain('node:seen')
})

it('killing a Pod of the server loses no acknowledged claim, and a rollout refuses no request', async () => {
  const served = await Served.start()
  const { namespace, stack, token } = served
  const killed = new Callers('killed', label => served.claim(label, { token }))
  await until('claims', () => killed.acknowledged.length > 20)
  const [victim] = await served.ready()
  const pods = `/api/v1/namespaces/${namespace}/pods`
  await api.delete(`${pods}/${victim?.metadata.name}?gracePeriodSeconds=0`)
  const before = killed.acknowledged.length
  await until('the other replica to answer', () => killed.acknowledged.length > before + 20)
  await until('two replicas again', async () => (await served.ready()).length === 2, 180_000)
  await killed.stop()
  expect(await served.lost(killed.acknowledged)).toEqual([])

  const old = await served.uids()
  const rollout = new Callers('rollout', label => served.claim(label, { token }))
  const others = new Callers('others', () => served.ask({ path: '/health' }))
  await until('claims', () => rollout.acknowledged.length > 20)
  await stack.set({ 'server.memory': '120Mi' })
  const { status, output } = await stack.up()
  expect(status, output).toBe(0)
  await until('the old replicas to be gone', () => served.areGone(old), 180_000)
  await Promise.all([rollout.stop(), others.stop()])
  expect([...rollout.unanswered, ...others.unanswered]).toEqual([])
  expect(await served.lost(rollout.acknowledged)).toEqual([])
})

it('while Dolt is unreachable the server is degraded and not restarted, and it recovers together with Dolt', async () => {
  const served = await Served.start()
  const { dolt, token } = served
  const pods = await served.ready()
  const ask = (path: string) => Promise.all(pods.map(({ status }) => served.ask({ path }, status.podIP)))
  await dolt.scale(0)
  await until('no replica to be ready', async () =>
    (await ask('/ready')).every(({ status }) => status === 503),
  )
  for (const { status, body } of await ask('/health')) {
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ status: 'degraded', database: 'disconnected' })
  }
  await until('the Service to lead nowhere', async () => (await served.ready()).length === 0, 180_000)
  await dolt.scale(1)
  await until('both replicas again', async () => (await served.ready()).length === 2, 180_000)
  await until('claims', async () => (await served.claim('node:b', { token })).status === 200)
  expect(await served.uids()).toEqual(pods.map(({ metadata }) => metadata.uid).sort())
  for (const { status } of await served.pods())
    expect(status.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0])
})

async function namesAt(path: string): Promise<readonly string[]> {
  return (await api.list(path)).map(({ metadata }) => metadata.name)
}

/** For Pods, only this program's: Dolt's own Pod gets its password as its image requires. */
async function everythingButSecrets(namespace: string): Promise<readonly string[]> {
  const mine = 'labelSelector=app.kubernetes.io/part-of=presence'
  const paths = ['/api/v1/%/configmaps', '/api/v1/%/events', `/api/v1/%/pods?${mine}`]
  const deployments = `/apis/apps/v1/%/deployments?${mine}`
  return Promise.all(
    [...paths, deployments].map(path => api.text(path.replace('%', `namespaces/${namespace}`))),
  )
}
