import { hash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { STYLE } from '../docs/style.ts'

/**
 * Adds headers that forbid caching, type sniffing, framing and scripts. There is no CORS header, so other
 * origins can't read the answers.
 */
export const headers: MiddlewareHandler = async (c, next) => {
  await secure(c, next)
  c.res.headers.set('Cache-Control', 'no-store')
}

const secure = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: [`'sha256-${hash('sha256', STYLE, 'base64')}'`],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // The server has no TLS of its own. A proxy that adds TLS sets this header.
  strictTransportSecurity: false,
})
