import { CALLS } from '@presence/core/internal'
import { describe, expect, it } from 'vitest'
import { startServer } from './support/server.ts'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses?: object }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

async function documentOf(): Promise<Document> {
  const server = await startServer()
  return (await (await server.get('/openapi.json')).json()) as Document
}

describe('the OpenAPI document', () => {
  it('lists the answer 499 for every call: the client is gone', async () => {
    const { paths } = await documentOf()
    for (const name of Object.keys(CALLS))
      expect(Object.keys(paths[`/api/v1/${name}`]?.['post']?.responses ?? {}), name).toContain('499')
    expect(Object.keys(paths['/api/coord/locks']?.['post']?.responses ?? {})).toContain('499')
  })

  it('names the answers by the calls', async () => {
    const names = Object.keys((await documentOf()).components.schemas)
    expect(names).toEqual(
      expect.arrayContaining(['LeaseReleased', 'HeartbeatAndList', 'WaitCancelled', 'Polled']),
    )
    for (const old of ['GivenBack', 'Survey', 'Left', 'Look']) expect(names).not.toContain(old)
  })
})
