import { type Schema, sampleOf } from './sample.ts'

/** Names of fields and parameters that name the calling session. */
const SESSION_FIELDS: ReadonlySet<string> = new Set([
  'session_id',
  'from_session',
  'updated_by',
  'created_by',
  'reader',
])
/** The name of a field with the session as an object that has an `id`. */
const SESSION_OBJECT = 'session'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required?: boolean
  readonly schema?: Schema
}

export interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }
}

export interface ApiDocument {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

/** A request. For an impersonation, it names the session in one of the ways that the route accepts. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly url: string
  readonly body: unknown
}

export const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/**
 * For each operation that takes a session, a request that is valid except that it speaks as `impostor`. Skips
 * reads that only filter the board by a session (GET with `session_id`), because everyone may do that, unless
 * they read what is private to a session.
 */
export function impersonations(document: ApiDocument, impostor: string): readonly Request[] {
  const resolve = (ref: string): Schema => document.components?.schemas?.[ref.split('/').at(-1) ?? ''] ?? {}
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap(method => {
      const operation = item[method]
      const made = operation && impersonation(method, path, operation, impostor, resolve)
      return made ? [made] : []
    }),
  )
}

/** Paths of reads that are private to a session. */
const PRIVATE_READ = /message|inbox/

function impersonation(
  method: string,
  path: string,
  { parameters = [], requestBody }: Operation,
  impostor: string,
  resolve: (ref: string) => Schema,
): Request | undefined {
  const schema = requestBody?.content?.['application/json']?.schema
  const takesSession =
    parameters.some(each => SESSION_FIELDS.has(each.name)) || (schema && holdsSession(schema, resolve))
  if (!takesSession || (method === 'get' && !PRIVATE_READ.test(path))) return undefined
  const override = (name: string) => (SESSION_FIELDS.has(name) ? impostor : undefined)
  const filledIn = ({ name, schema: each = {} }: Parameter) =>
    encodeURIComponent(override(name) ?? String(sampleOf(each, override, resolve)))
  const filled = parameters
    .filter(each => each.in === 'path')
    .reduce((url, each) => url.replace(`{${each.name}}`, filledIn(each)), path)
  const query = parameters
    .filter(each => each.in === 'query' && (each.required || SESSION_FIELDS.has(each.name)))
    .map(each => `${each.name}=${filledIn(each)}`)
  const body = schema && sampleOf(schema, override, resolve)
  return {
    method: method.toUpperCase(),
    path,
    url: query.length === 0 ? filled : `${filled}?${query.join('&')}`,
    body: schema && withSession(body, schema, impostor, resolve),
  }
}

function holdsSession(schema: Schema, resolve: (ref: string) => Schema): boolean {
  if (schema.$ref !== undefined) return holdsSession(resolve(schema.$ref), resolve)
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  const names = Object.keys(schema.properties ?? {})
  return (
    names.some(name => SESSION_FIELDS.has(name) || name === SESSION_OBJECT) ||
    parts.some(each => holdsSession(each, resolve))
  )
}

/** The body with the impostor's id in its `session` object, if the schema has such a field. */
function withSession(
  body: unknown,
  schema: Schema,
  impostor: string,
  resolve: (ref: string) => Schema,
): unknown {
  const resolved = schema.$ref === undefined ? schema : resolve(schema.$ref)
  const session = resolved.properties?.[SESSION_OBJECT]
  if (!session) return body
  const sample = sampleOf(session, name => (name === 'id' ? impostor : undefined), resolve)
  return { ...(body as object), [SESSION_OBJECT]: typeof sample === 'object' ? sample : impostor }
}
