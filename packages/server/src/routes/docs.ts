import { html } from 'hono/html'
import { docsPage, page } from '../docs/page.ts'
import type { AddRoutes } from '../route.ts'
import { documentOf } from './openapi.ts'

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
  app.get('/docs', c => c.html(docsPage(documentOf(app, context))))
}
