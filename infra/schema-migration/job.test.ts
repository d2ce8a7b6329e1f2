import { describe, expect, it } from 'vitest'
import { readConfig } from '../config/read.ts'
import { jobSpec } from './job.ts'
import { dsnOf, environmentOf } from './target.ts'

const BASE = readConfig({ project: 'presence', values: {}, secretKeys: [] })
const PLAN = { image: 'node:24', environment: {}, entry: 'migrate.cjs', configMap: 'c', withCa: false }

describe('the Job', () => {
  const spec = jobSpec({ ...PLAN, secret: 's' })
  const pod = JSON.parse(JSON.stringify(spec)).template.spec

  it('ends by itself: four tries within four and a half minutes', () => {
    expect(spec).toMatchObject({ backoffLimit: 3, activeDeadlineSeconds: 270 })
  })

  it('keeps the reason of its failure', () => {
    expect(pod.restartPolicy).toBe('Never')
    expect(pod.containers[0].terminationMessagePolicy).toBe('FallbackToLogsOnError')
  })

  it('runs as non-root, writes nothing and has no access to the cluster’s API', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: {
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    })
  })

  it('mounts passwords only if there are some', () => {
    expect(JSON.stringify(jobSpec({ ...PLAN, secret: undefined }))).not.toContain('secret')
    expect(pod.volumes).toContainEqual({ name: 'secrets', secret: { secretName: 's', defaultMode: 0o440 } })
  })
})

describe("the Job's environment", () => {
  it('contains paths of files instead of passwords', () => {
    const config = { ...BASE, password: 'hunter1', presencePassword: 'hunter2', beadsPassword: 'hunter3' }
    const environment = environmentOf(config)
    expect(JSON.stringify(environment)).not.toContain('hunter')
    expect(environment).toMatchObject({
      PRESENCE_DSN: 'mysql://root@dolt.beads-server.svc.cluster.local:3306/beads',
      PRESENCE_PASSWORD_FILE: '/secrets/password',
    })
    expect(JSON.parse(environment['PRESENCE_ACCOUNTS'] ?? '')).toEqual([
      { name: 'presence', passwordFile: '/secrets/presencePassword', rights: 'board' },
      { name: 'beads', passwordFile: '/secrets/beadsPassword', rights: 'database', database: 'beads' },
    ])
  })

  it('requests no accounts by default', () => {
    expect(environmentOf(BASE)).toEqual({
      PRESENCE_DSN: 'mysql://root@dolt.beads-server.svc.cluster.local:3306/beads',
      PRESENCE_CREATE_DATABASE: 'true',
    })
  })

  it('names the CA if one is configured', () => {
    const config = { ...BASE, tls: 'verify-ca', caCertificate: 'PEM' } as const
    expect(environmentOf(config)['PRESENCE_DSN']).toContain('?ssl=verify-ca&ssl-ca=%2Ftrust%2Fca.pem')
  })
})

describe('a DSN', () => {
  it('preserves any character of a password, and an IPv6 address', () => {
    const dsn = dsnOf({ ...BASE, host: 'fd00::1' }, { user: 'ana', password: 'a@b/c?d#e:f' })
    expect(dsn).toBe('mysql://ana:a%40b%2Fc%3Fd%23e%3Af@[fd00::1]:3306/beads')
    expect(decodeURIComponent(new URL(dsn).password)).toBe('a@b/c?d#e:f')
  })
})
