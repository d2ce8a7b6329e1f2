import { compress } from 'hono/compress'
import { html } from 'hono/html'
import { DOCS, docsPage, page, SHOWN, VIEWER } from '../docs/page.ts'
import type { AddRoutes } from '../route.ts'
import { documentOf } from './openapi.ts'

/** A longer pattern explains nothing to a reader, and those of labels and ids fill a screen. */
const PATTERN_MAX = 60

/** The pages for people. They list the routes and show nothing of the board. */
export const addDocs: AddRoutes = (app, context) => {
  app.get('/', c => {
    const { paths = {} } = documentOf(app, context)
    return c.html(
      page(
        'presence',
        html`<h1>presence ${context.version}</h1>
          <p>Who is changing which shared infrastructure right now. <a href="/docs">How to use this server.</a></p>
          <ul>${Object.keys(paths).map(path => html`<li><code>${path}</code></li>`)}</ul>`,
      ),
    )
  })
  app.get(DOCS, c => c.html(docsPage()))
  app.get(SHOWN, compress(), c => {
    const shown = (key: string, value: unknown) =>
      key === 'pattern' && String(value).length > PATTERN_MAX ? undefined : value
    const text = JSON.stringify(documentOf(app, context), shown)
    return c.body(text, 200, { 'Content-Type': 'application/json' })
  })
  app.get(VIEWER, compress(), async c => {
    const { viewer } = await import('virtual:api-viewer')
    return c.body(viewer, 200, { 'Content-Type': 'text/javascript; charset=utf-8' })
  })
}
