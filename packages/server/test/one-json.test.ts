// Before the schemas: they can be named in an OpenAPI document only if this was loaded when they were made.
import '@hono/zod-openapi'
import { ComponentSchema, MessageSchema, WorkflowProgressSchema, WorkItemSchema } from '@presence/core/schema'
import { expect, it } from 'vitest'
import { startServer } from './support/server.ts'

/** Parts of the answers below. */
interface Answer {
  readonly message: object
  readonly rows: readonly unknown[]
  readonly component: unknown
  readonly workflow: { readonly id: string }
  readonly workflows: readonly unknown[]
}

const ana = { id: 'ana', user: 'u', host: 'h', agent: 'a' }

it('/api/v1 takes and answers messages, components and work with the keys of every other interface', async () => {
  const server = await startServer()
  const call = async (name: string, input: object, session = ana) => {
    const answer = await server.post(`/api/v1/${name}`, { session, ...input })
    expect(answer.status, name).toBe(200)
    return (await answer.json()) as Answer
  }
  const bob = { ...ana, id: 'bob' }
  const shop = { project_key: 'shop' }

  const message = { ...shop, to_session: 'bob', subject: 's', body: 'b' }
  expect((await call('messages/send', message)).message).toMatchObject({ ...message, from_session: 'ana' })
  await call('messages/send', { project_key: 'other', subject: 's', body: 'to all of the other project' })
  const { rows } = await call('messages/inbox', { ...shop, unread_only: true }, bob)
  expect(rows.map(row => MessageSchema.strict().parse(row))).toMatchObject([message])

  const component = { ...shop, component: 'server', state: 'built' }
  expect(ComponentSchema.strict().parse((await call('components/set', component)).component)).toMatchObject(
    component,
  )

  const { workflow } = await call('workflows/add', { ...shop, name: 'n' })
  const item = { ...shop, workflow_id: workflow.id, title: 't' }
  await call('items/add', item)
  await call('items/add', { ...shop, title: 'of no workflow' })
  const items = await call('items/list', { workflow_id: workflow.id })
  expect(items.rows.map(row => WorkItemSchema.strict().parse(row))).toMatchObject([item])

  const status = await call('status', shop, bob)
  expect(status).toMatchObject({ ...shop, unread: 1, components: [component] })
  expect(WorkflowProgressSchema.strict().parse(status.workflows[0])).toEqual({
    ...workflow,
    items: { pending: 1, in_progress: 0, blocked: 0, completed: 0, cancelled: 0 },
  })
})
