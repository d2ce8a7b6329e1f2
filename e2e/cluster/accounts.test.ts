import { expect, it } from 'vitest'
import { api, jobsIn, logOf, newStack } from './support/context.ts'
import { DoltPod } from './support/dolt-pod.ts'

const SECRETS = {
  password: 'root-and-secret',
  presencePassword: "it's %and-secret\\",
  beadsPassword: 'beads-and-secret',
}

it('accounts are created on request, their passwords are only in a Secret, and a new password takes effect', async () => {
  const dolt = await DoltPod.start({ password: SECRETS.password })
  const { namespace } = dolt
  await dolt.sql(undefined, 'CREATE DATABASE tasks')
  const config = { namespace, database: 'presence', beadsDatabase: 'tasks' }
  const stack = await newStack(config, SECRETS)
  const plan = await stack.preview()
  const { status, output } = await stack.up()
  expect(status, output).toBe(0)

  const presence = await dolt.connect('presence', 'presence', SECRETS.presencePassword)
  await presence.query('SELECT * FROM presence_claims')
  await expect(presence.query('DROP TABLE presence_claims')).rejects.toThrow(/denied/)
  presence.destroy()
  const beads = await dolt.connect('tasks', 'beads', SECRETS.beadsPassword)
  await beads.query('CREATE TABLE issues (id INT PRIMARY KEY)')
  await beads.query("CALL DOLT_COMMIT('-Am', 'a task')")
  await expect(beads.query('SELECT * FROM presence.presence_claims')).rejects.toThrow(/denied/)
  beads.destroy()

  const { job, dsn } = await stack.outputs()
  expect(dsn).toBe('[secret]')
  const { dsn: shown } = await stack.outputs('--show-secrets')
  expect(decodeURIComponent(new URL(shown).password)).toBe(SECRETS.presencePassword)
  const log = await logOf(namespace, job)
  expect(log).toContain('created or updated the account beads')
  const seen = [plan.output, output, stack.stateFile(), log, ...(await everythingButSecrets(namespace))]
  const hidden = Object.values(SECRETS).flatMap(secret => [secret, Buffer.from(secret).toString('base64')])
  for (const text of seen) for (const secret of ['and-secret', ...hidden]) expect(text).not.toContain(secret)

  await stack.set({}, { presencePassword: 'newer' })
  const again = await stack.up()
  expect(again.status, again.output).toBe(0)
  expect(await jobsIn(namespace), 'no other Job: its name reveals nothing about passwords').toEqual([job])
  ;(await dolt.connect('presence', 'presence', 'newer')).destroy()
  await expect(dolt.connect('presence', 'presence', SECRETS.presencePassword)).rejects.toThrow(/denied/)
})

async function everythingButSecrets(namespace: string): Promise<readonly string[]> {
  const paths = ['/api/v1', '/apis/batch/v1'].flatMap(group =>
    (group === '/api/v1' ? ['configmaps', 'events'] : ['jobs']).map(
      kind => `${group}/namespaces/${namespace}/${kind}`,
    ),
  )
  const schemaPods = `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io/name=presence-schema`
  return Promise.all([...paths, schemaPods].map(path => api.text(path)))
}
