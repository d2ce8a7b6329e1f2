import { describe, expect, it } from 'vitest'
import { jobsIn, logOf, newStack } from './support/context.ts'
import { DoltPod } from './support/dolt-pod.ts'

describe('`pulumi up`', () => {
  it('creates the board on an empty Dolt, finds nothing to do the second time, and destroy deletes no data', async () => {
    const dolt = await DoltPod.start()
    const { namespace } = dolt
    const stack = await newStack({ namespace })

    const first = await stack.up()
    expect(first.output).toContain('presence:infra:SchemaMigration')
    expect(first.status).toBe(0)
    const { job, schemaVersion, dsn, log } = await stack.outputs()
    expect(await jobsIn(namespace)).toEqual([job])
    expect(log).toBe(`kubectl --namespace ${namespace} logs job/${job}`)
    expect(await logOf(namespace, job)).toContain(`applied ${schemaVersion}`)
    expect(dsn).toBe(`mysql://root@dolt.${namespace}.svc.cluster.local:3306/beads`)
    const applied = await dolt.sql('beads', 'SELECT tag FROM presence_migrations ORDER BY version')
    expect(applied.at(-1)).toEqual({ tag: schemaVersion })

    const plan = await stack.preview('--expect-no-changes')
    expect(plan.output).not.toMatch(/to (create|update|replace|delete)/)
    expect(plan.status).toBe(0)
    const second = await stack.up()
    expect(second.output).toMatch(/\d+ unchanged/)
    expect(second.output).not.toMatch(/\d (created|updated|replaced|deleted)/)
    expect(await jobsIn(namespace)).toEqual([job])

    await dolt.sql('beads', CLAIM)
    const gone = await stack.destroy()
    expect(gone.status, gone.output).toBe(0)
    expect(await jobsIn(namespace)).toEqual([])
    expect(await dolt.sql('beads', 'SELECT purpose FROM presence_claims')).toEqual([{ purpose: 'p' }])
  })
})

const CLAIM = `INSERT INTO presence_claims (session_id, resource_label, purpose, expires_at, host, user)
  VALUES ('ana', 'node:a', 'p', DATE_ADD(UTC_TIMESTAMP(3), INTERVAL 900 SECOND), 'h', 'u')`
