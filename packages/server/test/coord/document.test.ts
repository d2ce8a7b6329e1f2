import { expect, it } from 'vitest'
import { startServer } from '../support/server.ts'

it('the document shares no schema name between the coordination API and /api/v1, except Error', async () => {
  const server = await startServer()
  const text = await (await server.get('/openapi.json')).text()
  const { paths, components } = JSON.parse(text) as {
    paths: Record<string, unknown>
    components: { schemas: Record<string, unknown> }
  }
  const refs = (part: Record<string, unknown>) => [
    ...new Set([...JSON.stringify(part).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name)),
  ]
  const of = (prefix: string) =>
    refs(Object.fromEntries(Object.entries(paths).filter(([path]) => path.startsWith(prefix))))
  const coord = of('/api/coord')
  expect(coord.length).toBeGreaterThan(15)
  expect(coord.filter(name => of('/api/v1').includes(name))).toEqual(['Error'])
  expect(components.schemas['CoordReader'], 'a body may be null').toMatchObject({
    type: ['object', 'null'],
  })
})
