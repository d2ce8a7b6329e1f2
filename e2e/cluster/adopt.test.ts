import { expect, it } from 'vitest'
import { OLD_TABLE } from '../support/old-board.ts'
import { logOf, newStack } from './support/context.ts'
import { DoltPod } from './support/dolt-pod.ts'

const CLAIM = (session: string) => `INSERT INTO presence_claims
  (session_id, resource_label, purpose, expires_at, host, user)
  VALUES ('${session}', 'node:a', 'p', DATE_ADD(UTC_TIMESTAMP(3), INTERVAL 900 SECOND), 'h', 'u')`

it("`pulumi up` adopts an earlier tool's table with all claims, committed or not, and protects it from a reset", async () => {
  const dolt = await DoltPod.start()
  await dolt.sql(undefined, 'CREATE DATABASE beads')
  await dolt.sql(
    'beads',
    OLD_TABLE,
    CLAIM('committed'),
    "CALL DOLT_COMMIT('-Am', 'a tracker commits all it finds')",
    CLAIM('not-committed'),
  )
  const stack = await newStack({ namespace: dolt.namespace })
  const { status, output } = await stack.up()
  expect(status, output).toBe(0)
  const { job } = await stack.outputs()
  expect(await logOf(dolt.namespace, job)).toContain('untrack presence_claims')

  await dolt.sql('beads', "CALL DOLT_RESET('--hard')")
  const rows = await dolt.sql(
    'beads',
    'SELECT session_id, ttl_seconds FROM presence_claims ORDER BY session_id',
  )
  expect(rows).toEqual([
    { session_id: 'committed', ttl_seconds: 900 },
    { session_id: 'not-committed', ttl_seconds: 900 },
  ])
})
