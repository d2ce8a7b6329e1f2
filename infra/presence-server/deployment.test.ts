import { describe, expect, it } from 'vitest'
import { readConfig } from '../config/read.ts'
import { isServed, type ServedConfig } from '../config/shape.ts'
import { deploymentSpec } from './deployment.ts'

const MAPS = ['code-0', 'code-1']

function served(more: object = {}, server: object = {}): ServedConfig {
  const config = { ...readConfig({ project: 'presence', values: {}, secretKeys: [] }), ...more }
  const on = { ...config, server: { ...config.server, enabled: true, tokenSecret: 'tokens', ...server } }
  if (!isServed(on)) throw new Error('not served')
  return on
}

function podOf(config: ServedConfig, password: string | undefined = undefined) {
  const spec = deploymentSpec({ config, configMaps: MAPS, password })
  const { template, ...rollout } = JSON.parse(JSON.stringify(spec))
  return { ...rollout, pod: template.spec, container: template.spec.containers[0] }
}

describe("the server's Pods", () => {
  const { pod, container, replicas, strategy } = podOf(served())

  it('are two, on different nodes if possible, and never fewer during a rollout', () => {
    expect(replicas).toBe(2)
    expect(strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 })
    const [{ podAffinityTerm }] = pod.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution
    expect(podAffinityTerm.topologyKey).toBe('kubernetes.io/hostname')
    expect(pod.topologySpreadConstraints[0].whenUnsatisfiable).toBe('ScheduleAnyway')
  })

  it('run as non-root, write nothing and have no access to the cluster’s API', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    })
  })

  it('are restarted if the process does not answer, but not if the database is away', () => {
    expect(container.livenessProbe.httpGet.path).toBe('/health')
    expect(container.startupProbe.httpGet.path).toBe('/health')
    expect(container.readinessProbe.httpGet.path).toBe('/ready')
  })

  it('end only after requests are no longer routed to them, and with time to answer those under way', () => {
    const before = container.lifecycle.preStop.sleep.seconds
    expect(before).toBeGreaterThan(0)
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(before + 10)
  })

  it('get their tokens and their password only as files', () => {
    const { pod: secured, container: with_ } = podOf(served({ password: 'hunter1' }), 'the-secret')
    expect(JSON.stringify(secured)).not.toContain('hunter')
    expect(with_.args.join(' ')).toContain('--token-file /tokens/tokens')
    expect(with_.env).toContainEqual({
      name: 'PRESENCE_DSN',
      value:
        'mysql://root@dolt.beads-server.svc.cluster.local:3306/beads?password-file=%2Fpassword%2Fpassword',
    })
    for (const [name, secretName] of [
      ['tokens', 'tokens'],
      ['password', 'the-secret'],
    ])
      expect(secured.volumes).toContainEqual({ name, secret: { secretName, defaultMode: 0o440 } })
    expect(JSON.stringify(pod)).not.toContain('password')
  })

  it('use the agents’ account for the database if there is one', () => {
    const config = served({ password: 'hunter1', presencePassword: 'hunter2' })
    expect(podOf(config, 's').container.env[1].value).toContain('mysql://presence@')
  })

  it('accept the host names of their Service and those that are added', () => {
    const { args } = podOf(served({}, { allowedHosts: ['presence.example.org'] })).container
    const hosts = args.filter((_: string, at: number) => args[at - 1] === '--allowed-host')
    expect(hosts).toEqual([
      'presence.beads-server.svc.cluster.local',
      'presence.beads-server.svc',
      'presence.beads-server',
      'presence',
      'presence.example.org',
    ])
  })

  it('use the Job’s image unless another is named, with resource limits', () => {
    expect(container.image).toBe('docker.io/library/node:24-slim')
    expect(podOf(served({}, { image: 'node:26' })).container.image).toBe('node:26')
    expect(container.resources).toEqual({
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    })
  })

  it('find every part of the program in one folder, and the CA beside it', () => {
    const { pod: with_ } = podOf(served({ tls: 'verify-ca', caCertificate: 'PEM' }))
    const [program, , trust] = with_.volumes
    expect(program.projected.sources).toEqual(MAPS.map(name => ({ configMap: { name } })))
    expect(trust.configMap).toEqual({ name: 'code-0', items: [{ key: 'ca.pem', path: 'ca.pem' }] })
    expect(with_.containers[0].env[1].value).toContain('ssl=verify-ca&ssl-ca=%2Ftrust%2Fca.pem')
  })
})
