import { type ApiDocument, impersonations, METHODS, type Operation, type Request } from './impostor.ts'
import { type Schema, sampleOf } from './sample.ts'

export type { ApiDocument }

/** A request for each operation of the document. Operations that take a session get this one. */
export function requests(document: ApiDocument, session: string): readonly Request[] {
  const asSession = impersonations(document, session)
  const resolve = (ref: string): Schema => document.components?.schemas?.[ref.split('/').at(-1) ?? ''] ?? {}
  const others = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap(method => {
      const operation = item[method]
      const isAsked = asSession.some(each => each.path === path && each.method === method.toUpperCase())
      return operation && !isAsked ? [requestOf(method, path, operation, resolve)] : []
    }),
  )
  return [...asSession, ...others]
}

function requestOf(
  method: string,
  path: string,
  { parameters = [], requestBody }: Operation,
  resolve: (ref: string) => Schema,
): Request {
  const sample = (schema: Schema = {}) => sampleOf(schema, () => undefined, resolve)
  const filledIn = parameters
    .filter(each => each.in === 'path')
    .reduce(
      (url, { name, schema }) => url.replace(`{${name}}`, encodeURIComponent(String(sample(schema)))),
      path,
    )
  const query = parameters
    .filter(each => each.in === 'query' && each.required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(String(sample(schema)))}`)
  const schema = requestBody?.content?.['application/json']?.schema
  return {
    method: method.toUpperCase(),
    path,
    url: query.length === 0 ? filledIn : `${filledIn}?${query.join('&')}`,
    body: schema && sample(schema),
  }
}
