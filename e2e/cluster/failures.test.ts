import { expect, it } from 'vitest'
import { api, jobsIn, newStack } from './support/context.ts'
import { DoltPod } from './support/dolt-pod.ts'

it('a wrong password is reported at once, appears nowhere, and the next `up` with the right one succeeds', async () => {
  const dolt = await DoltPod.start({ password: 'right-and-secret' })
  const { namespace } = dolt
  const stack = await newStack({ namespace }, { password: 'wrong-and-secret' })
  const failed = await stack.up()
  expect(failed.status).not.toBe(0)
  expect(failed.output).toContain('denies access: wrong user or password')
  expect(failed.output).not.toContain('and-secret')
  expect(stack.stateFile()).not.toContain('and-secret')
  const [before] = await jobsOf(namespace)
  expect((await stack.up()).status).not.toBe(0)
  const [after] = await jobsOf(namespace)
  expect(after?.metadata.uid, 'the failed Job was created again').not.toBe(before?.metadata.uid)
  await stack.set({}, { password: 'right-and-secret' })
  const mended = await stack.up()
  expect(mended.status, mended.output).toBe(0)
  expect(mended.output).not.toContain('and-secret')
  expect(await jobsIn(namespace)).toHaveLength(1)
})

it('a server that is down at the start and comes back in time is migrated by the same `up`', async () => {
  const dolt = await DoltPod.start({ running: false })
  const stack = await newStack({ namespace: dolt.namespace })
  const up = stack.up()
  await expect.poll(() => failedPodsOf(dolt.namespace), { timeout: 120_000 }).toBeGreaterThan(0)
  await dolt.scale(1)
  const { status, output } = await up
  expect(status, output).toBe(0)
  expect(await dolt.sql('beads', 'SELECT * FROM presence_claims')).toEqual([])
})

it.each([
  ['port', 'many', 'presence:port must be a whole number'],
  ['databse', 'beads', 'presence:databse is not a configuration key; did you mean database?'],
  ['password', 'in-the-clear', 'presence:password must be encrypted'],
])(
  'a wrong %s fails in the preview, with a remedy and without a stack trace',
  async (key, value, message) => {
    const stack = await newStack({ [key]: value })
    const { status, output } = await stack.preview()
    expect(status).not.toBe(0)
    expect(output).toContain(message)
    expect(output).not.toMatch(/in-the-clear|\.ts:\d+/)
  },
)

async function failedPodsOf(namespace: string): Promise<number> {
  return (await list(namespace)).filter(pod => pod.status.phase === 'Failed').length
}

function jobsOf(namespace: string) {
  return api.list(`/apis/batch/v1/namespaces/${namespace}/jobs`)
}

function list(namespace: string) {
  return api.list(`/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io/name=presence-schema`)
}
