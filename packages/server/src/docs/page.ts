import { html, raw } from 'hono/html'
import { STYLE } from './style.ts'

type Html = ReturnType<typeof html>

/** The page with the API's documentation, the script that shows it there, and the document as it shows it. */
export const DOCS = '/docs'
export const VIEWER = '/docs/viewer.js'
export const SHOWN = '/docs/openapi.json'

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

/**
 * The page on which the viewer shows the OpenAPI document. It sends no calls: with its console, a click could steal a
 * claim.
 */
export function docsPage() {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>presence: HTTP API</title>
        <style>body { font-family: system-ui, sans-serif }</style>
        <script type="module" src="${VIEWER}"></script>
      </head>
      <body>
        <noscript>This page needs JavaScript. For programs: <a href="/openapi.json">openapi.json</a>.</noscript>
        <openapi-explorer
          spec-url="${SHOWN}"
          hide-authentication
          hide-console
          hide-server-selection
        ></openapi-explorer>
      </body>
    </html>`
}
