import * as pulumi from '@pulumi/pulumi'
import { beforeEach, describe, expect, it, vi } from 'vitest'

/** A resource as it was registered with the engine. */
interface Registered {
  readonly type: string
  readonly name: string
  readonly inputs: { readonly metadata?: { readonly name: string } }
}

let registered: Registered[]

beforeEach(() => {
  registered = []
  vi.resetModules()
})

/** Runs the program with Pulumi's mocks and this configuration, and returns its outputs. */
async function run(config: Record<string, string>, secrets: readonly string[] = [], stack = 'home') {
  const { runtime } = await import('@pulumi/pulumi')
  await runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        registered.push({ type, name, inputs })
        return { id: id || `${name}-id`, state: inputs }
      },
      call: ({ inputs }) => inputs,
    },
    'presence',
    stack,
    false,
    'organization',
  )
  runtime.setAllConfig(
    Object.fromEntries(Object.entries(config).map(([key, value]) => [`presence:${key}`, value])),
  )
  vi.stubEnv('PULUMI_CONFIG_SECRET_KEYS', JSON.stringify(secrets.map(key => `presence:${key}`)))
  let program: typeof import('./index.ts') | undefined
  await runtime.runInPulumiStack(async () => {
    program = await import('./index.ts')
    return {}
  })
  // Registration continues after the program has run.
  await vi.waitUntil(() => of('batch/v1:Job').length > 0, { timeout: 60_000 })
  if (!program) throw new Error('the program did not run')
  return program
}

function of(type: string): Registered[] {
  return registered.filter(resource => resource.type === `kubernetes:${type}`)
}

function settled<T>(output: pulumi.Output<T> | T): Promise<T> {
  return new Promise(resolve => pulumi.output(output).apply(value => resolve(value as T)))
}

/** The value without the engine's wrapping of secrets. */
function plain(value: unknown): string {
  return JSON.stringify(value)
}

const PASSWORDS = { password: 'hunter1', presencePassword: 'hunter2', beadsPassword: 'hunter3' }

describe('the program', () => {
  it('plans only a ConfigMap and a Job if no password is set', async () => {
    const { dsn, schemaVersion, job } = await run({})
    expect(
      registered
        .map(({ type }) => type)
        .filter(type => type.startsWith('kubernetes'))
        .sort(),
    ).toEqual(['kubernetes:batch/v1:Job', 'kubernetes:core/v1:ConfigMap'])
    const [planned] = of('batch/v1:Job')
    expect(planned?.inputs.metadata).toMatchObject({ namespace: 'beads-server' })
    expect(await settled(job)).toBe(planned?.inputs.metadata?.name)
    expect(await settled(schemaVersion)).toMatch(/^\d{4}_/)
    expect(dsn).toBe('mysql://root@dolt.beads-server.svc.cluster.local:3306/beads')
  })

  it('names the ConfigMap like the Job, and keeps it smaller than an annotation of a client-side apply may be', async () => {
    await run({})
    const [map] = of('core/v1:ConfigMap')
    expect(map?.inputs.metadata?.name).toBe(of('batch/v1:Job')[0]?.inputs.metadata?.name)
    expect(plain(map?.inputs).length).toBeLessThan(200 * 1024)
  })

  it('puts passwords only into a Secret: never into the ConfigMap, the Job or an unencrypted output', async () => {
    const { dsn } = await run(PASSWORDS, Object.keys(PASSWORDS))
    const [secret] = of('core/v1:Secret')
    expect(plain(secret?.inputs)).toContain('hunter3')
    for (const other of registered) if (other !== secret) expect(plain(other.inputs)).not.toContain('hunter')
    expect(await pulumi.isSecret(dsn as pulumi.Output<string>)).toBe(true)
    expect(await settled(dsn)).toContain('presence:hunter2@')
  })

  it('gives a Job the same name again, and another name for another stack or target', async () => {
    const names: string[] = []
    for (const [config, stack] of [
      [{}, 'home'],
      [{}, 'home'],
      [{}, 'work'],
      [{ database: 'presence' }, 'home'],
    ] as const) {
      registered = []
      vi.resetModules()
      await run(config, [], stack)
      names.push(of('batch/v1:Job')[0]?.inputs.metadata?.name ?? '')
    }
    expect(names[1]).toBe(names[0])
    expect(new Set(names).size).toBe(3)
  })

  it('has every planned resource checked first', async () => {
    const { NEVER } = await import('./policy.ts')
    const looked: string[] = []
    NEVER.push({ type: 'kubernetes:batch/v1:Job', because: '', when: ({ name }) => looked.push(name) < 0 })
    await run({})
    expect(looked).toEqual(['schema-job'])
  })

  it('with doltServer plans the server too, with a volume that may grow and a Service that may share an address', async () => {
    await run({ password: 'hunter1', doltServer: '{"enabled":true,"address":"10.0.20.200"}' }, ['password'])
    expect(of('core/v1:PersistentVolumeClaim')[0]?.inputs).toMatchObject({
      metadata: { annotations: { 'resize.topolvm.io/storage_limit': '10Gi' } },
      spec: { resources: { requests: { storage: '2Gi' } } },
    })
    expect(of('core/v1:Service')[0]?.inputs).toMatchObject({
      metadata: {
        annotations: { 'metallb.io/allow-shared-ip': 'shared', 'metallb.io/loadBalancerIPs': '10.0.20.200' },
      },
      spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' },
    })
    expect(of('networking.k8s.io/v1:NetworkPolicy')).toHaveLength(1)
    const secrets = of('core/v1:Secret')
    for (const other of registered)
      if (!secrets.includes(other)) expect(plain(other.inputs)).not.toContain('hunter')
  })

  it('with server plans the server behind one Service, with its password only in a Secret and in no output', async () => {
    const server = '{"enabled":true,"tokenSecret":"presence-tokens"}'
    const program = await run({ ...PASSWORDS, server }, Object.keys(PASSWORDS))
    await vi.waitUntil(() => of('apps/v1:Deployment').length > 0, { timeout: 60_000 })
    for (const type of [
      'core/v1:Service',
      'policy/v1:PodDisruptionBudget',
      'networking.k8s.io/v1:NetworkPolicy',
    ])
      expect(of(type).map(({ inputs }) => inputs.metadata)).toMatchObject([{ name: 'presence' }])

    const [password] = of('core/v1:Secret').filter(({ name }) => name === 'server-password')
    expect(plain(password?.inputs)).toContain('hunter2')
    expect(plain(password?.inputs)).not.toMatch(/hunter[13]/)
    const secrets = of('core/v1:Secret')
    for (const other of registered)
      if (!secrets.includes(other)) expect(plain(other.inputs)).not.toContain('hunter')

    expect(await settled(program.service)).toBe('presence')
    expect(await settled(program.url)).toBe('http://presence.beads-server.svc.cluster.local:8787')
    for (const [name, output] of Object.entries(program))
      if (name !== 'dsn') expect(plain(await settled<unknown>(output))).not.toContain('hunter')
  })

  it('with one replica plans no disruption budget, and keeps the ConfigMaps small enough for a client-side apply', async () => {
    await run({ server: '{"enabled":true,"tokenSecret":"presence-tokens","replicas":1}' })
    await vi.waitUntil(() => of('apps/v1:Deployment').length > 0, { timeout: 60_000 })
    // A budget with one replica would never allow its Pod to be evicted, so its node could never be drained.
    expect(of('policy/v1:PodDisruptionBudget')).toHaveLength(0)
    const maps = of('core/v1:ConfigMap').filter(({ name }) => name.startsWith('server-'))
    const mounted = plain(of('apps/v1:Deployment')[0]?.inputs)
    expect(maps.length).toBeGreaterThan(0)
    for (const { inputs } of maps) {
      expect(plain(inputs).length).toBeLessThan(200 * 1024)
      expect(mounted).toContain(`"name":"${inputs.metadata?.name}"`)
    }
    expect(of('core/v1:Secret')).toHaveLength(0)
  })
})
