import { html, raw } from 'hono/html'
import { STYLE } from './style.ts'

/** The parts of an OpenAPI document that the page uses. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly paths?: Readonly<Record<string, object>>
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>
}

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: unknown
  }[]
  readonly requestBody?: Content
  readonly responses?: Readonly<Record<string, Content & { readonly description?: string }>>
}

type Html = ReturnType<typeof html>

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/** A page without scripts. Everything that isn't markup is escaped. */
export function page(title: string, body: Html) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        ${body}
      </body>
    </html>`
}

/** A page with every operation of a document, and the shapes that they use. */
export function docsPage({ info, paths = {}, components = {} }: ApiDocument) {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    (Object.entries(item) as [string, Operation][])
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => operationOf(method, path, operation)),
  )
  const shapes = Object.entries(components.schemas ?? {}).map(
    ([name, schema]) => html`<h3 id="${name}">${name}</h3>${pre(schema)}`,
  )
  return page(
    `${info.title} ${info.version}`,
    html`<h1>${info.title} ${info.version}</h1>
      <p>${info.description ?? ''}. For programs: <a href="/openapi.json">openapi.json</a>.</p>
      ${operations}
      <h2>Shapes</h2>
      ${shapes}`,
  )
}

function operationOf(method: string, path: string, operation: Operation): Html {
  const { summary = '', description, parameters = [], requestBody, responses = {} } = operation
  return html`<h2><code>${method.toUpperCase()} ${path}</code></h2>
    <p>${summary}</p>
    ${description === undefined ? '' : html`<p>${description}</p>`}
    ${parameters.length === 0 ? '' : html`<table>${parameters.map(rowOf)}</table>`}
    ${contentOf('Body', requestBody)}
    <table>
      ${Object.entries(responses).map(
        ([status, response]) =>
          html`<tr><th>${status}</th><td>${response.description ?? ''} ${contentOf('', response)}</td></tr>`,
      )}
    </table>`
}

function rowOf(parameter: NonNullable<Operation['parameters']>[number]): Html {
  const { name, required, description, schema } = parameter
  return html`<tr>
    <th><code>${name}</code></th>
    <td>${parameter.in}${required ? ', required' : ''}</td>
    <td>${description ?? ''} <code>${JSON.stringify(schema ?? {})}</code></td>
  </tr>`
}

function contentOf(title: string, { content = {} }: Content = {}): readonly Html[] {
  return Object.entries(content).map(
    ([type, { schema }]) => html`<p>${title} <code>${type}</code></p>${shapeOf(schema)}`,
  )
}

function shapeOf(schema: unknown): Html {
  const name = /^#\/components\/schemas\/(.+)$/.exec(
    (schema as { $ref?: string } | undefined)?.$ref ?? '',
  )?.[1]
  return name === undefined ? pre(schema) : html`<p><a href="#${name}">${name}</a></p>`
}

function pre(schema: unknown): Html {
  return html`<pre>${JSON.stringify(schema ?? {}, undefined, 2)}</pre>`
}
