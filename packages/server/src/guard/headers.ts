import { hash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { STYLE } from '../docs/style.ts'

/** What every answer carries: nothing is kept, guessed, framed or run. Nothing lets another origin read it (CORS). */
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
  // Whoever puts TLS in front says so there.
  strictTransportSecurity: false,
})
