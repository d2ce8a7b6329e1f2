import { hash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { DOCS } from '../docs/page.ts'
import { STYLE } from '../docs/style.ts'

/**
 * Adds headers that forbid caching, type sniffing, framing, and scripts but for the viewer's on its own page. There is
 * no CORS header, so other origins can't read the answers.
 */
export const headers: MiddlewareHandler = async (c, next) => {
  await (c.req.path === DOCS ? secureViewer : secure)(c, next)
  c.res.headers.set('Cache-Control', 'no-store')
}

const secure = secureWith({ styleSrc: [`'sha256-${hash('sha256', STYLE, 'base64')}'`] })

/** The viewer is a script of this server, reads its OpenAPI document, and sets styles on its elements. */
const secureViewer = secureWith({
  scriptSrc: ["'self'"],
  connectSrc: ["'self'"],
  styleSrc: ["'unsafe-inline'"],
})

/** @param sources what a page may load, in addition to nothing */
function secureWith(
  sources: Partial<Record<'scriptSrc' | 'styleSrc' | 'connectSrc', string[]>>,
): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      ...sources,
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    // The server has no TLS of its own. A proxy that adds TLS sets this header.
    strictTransportSecurity: false,
  })
}
