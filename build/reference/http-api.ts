import type { Boards } from '@presence/core/internal'
import { KINDS } from '../../packages/core/src/domain/label.ts'
import { createApp } from '../../packages/server/src/app.ts'
import { code, page, table, text } from './markdown.ts'
import { aboutOf, fieldTable, type Schema, typeOf } from './schema.ts'

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: Schema
  }[]
  readonly requestBody?: Content
  readonly responses?: Readonly<Record<string, Content & { readonly description?: string }>>
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** The page of the HTTP API, made from the OpenAPI document that the server gives. It asks no board. */
export async function httpPage(): Promise<string> {
  const app = createApp({ boards: { kinds: KINDS } as unknown as Boards, version: '' })
  const document = (await (await app.request('http://localhost/openapi.json')).json()) as ApiDocument
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      heading: `${method.toUpperCase()} ${code(path)}`,
      operation,
    })),
  )
  const usual = usualIn(operations.map(({ operation }) => operation))
  return page(
    'HTTP API',
    'the OpenAPI document of packages/server',
    '`presence serve` answers these requests. It shows the same at `/docs`, and gives it to programs at `/openapi.json`.',
    '## Usual failures',
    responseTable([...usual.values()]),
    ...operations.map(({ heading, operation }) => operationOf(heading, operation, usual)),
    '## Shapes',
    ...Object.entries(document.components.schemas).map(([name, schema]) => shapeOf(name, schema)),
  )
}

type Responses = NonNullable<Operation['responses']>
type Response = readonly [status: string, response: Responses[string]]

/** From this number of operations on, an answer is described once for all of them. */
const USUAL_MIN = 5

/** The failures that many operations have in common, by their row in a table. */
function usualIn(operations: readonly Operation[]): ReadonlyMap<string, Response> {
  const failures = operations
    .flatMap(({ responses = {} }) => Object.entries(responses))
    .filter(([status]) => status >= '400')
  const byRow = Map.groupBy(failures, rowOf)
  return new Map(
    [...byRow]
      .flatMap(([row, [first, ...others]]) =>
        first && others.length + 1 >= USUAL_MIN ? [[row, first] as const] : [],
      )
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
}

function rowOf([status, response]: Response): string {
  const bodies = schemasIn(response).map(([type, schema]) =>
    type === 'application/json' ? typeOf(schema) : code(type),
  )
  return `${status} | ${text(response.description ?? '')} | ${bodies.join(' or ')}`
}

function operationOf(heading: string, operation: Operation, usual: ReadonlyMap<string, Response>): string {
  const { summary = '', description = '', parameters = [], requestBody } = operation
  const responses = Object.entries(operation.responses ?? {})
  const also = responses.filter(each => usual.has(rowOf(each))).map(([status]) => status)
  return joined(
    `## ${heading}`,
    text(summary),
    text(description),
    table(
      ['Parameter', 'Type', 'Meaning'],
      parameters.map(({ name, in: where, required, description, schema = {} }) => [
        code(name),
        `${typeOf(schema)}, in the ${where}${required ? '' : ', optional'}`,
        aboutOf({ ...schema, ...(description === undefined ? {} : { description }) }),
      ]),
    ),
    bodyOf(requestBody),
    responseTable(responses.filter(each => !usual.has(rowOf(each)))),
    also.length === 0 ? '' : `Also [the usual failures](#usual-failures) ${also.join(', ')}.`,
  )
}

function bodyOf(body: Content | undefined): string {
  return joined(
    ...schemasIn(body).map(([type, schema]) =>
      joined(`Body, ${code(type)}: ${typeOf(schema)}`, fieldTable(schema)),
    ),
  )
}

function responseTable(responses: readonly Response[]): string {
  return table(
    ['Status', 'Meaning', 'Body'],
    responses.map(each => rowOf(each).split(' | ')),
  )
}

function schemasIn(content: Content | undefined): readonly (readonly [string, Schema])[] {
  return Object.entries(content?.content ?? {}).map(([type, { schema = {} }]) => [type, schema])
}

function shapeOf(name: string, schema: Schema): string {
  const fields = fieldTable(schema)
  return joined(
    `### ${name}`,
    fields === '' ? `${typeOf(schema)}. ${aboutOf(schema)}` : aboutOf(schema),
    fields,
  )
}

function joined(...parts: readonly string[]): string {
  return parts.filter(part => part.trim() !== '').join('\n\n')
}
