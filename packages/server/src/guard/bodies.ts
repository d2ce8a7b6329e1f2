import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Denied } from '../faults.ts'

/** The most that a body may hold. A claim's fields come to a tenth of it. */
const BODY_BYTES_MAX = 65_536

/** What agents send, which no schema refuses. */
const HOOKS = '/hooks/'

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i
const limit = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: () => {
    throw new Denied(413, {
      code: 'too_large',
      message: `a body has at most ${BODY_BYTES_MAX} bytes`,
      remedy: 'say it in fewer words',
    })
  },
})

/**
 * Lets only JSON through, in UTF-8 and short. A page of another origin can't send that type without asking first, and is
 * answered no.
 */
export const bodies: MiddlewareHandler = async (c, next) => {
  if (!hasBody(c)) return next()
  if (!JSON_TYPE.test(c.req.header('content-type') ?? '') || c.req.header('content-encoding') !== undefined)
    throw new Denied(415, {
      code: 'unsupported_type',
      message: 'a body is JSON, as it is',
      remedy: 'send Content-Type: application/json, without a Content-Encoding',
    })
  // An agent shows a refusal as an error, and a tool's answer may be long: the route keeps the beginning alone.
  if (c.req.path.startsWith(HOOKS)) return next()
  const bytes = await wholeBody(c)
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Denied(400, {
      code: 'bad_request',
      message: 'the body is not UTF-8',
      remedy: 'send JSON in UTF-8',
    })
  }
  return next()
}

function hasBody({ req }: Context): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return false
  return req.header('transfer-encoding') !== undefined || Number(req.header('content-length') ?? 0) > 0
}

async function wholeBody(c: Context): Promise<ArrayBuffer> {
  try {
    await limit(c, async () => {})
    return await c.req.arrayBuffer()
  } catch (error) {
    if (error instanceof Denied) throw error
    throw new Denied(400, {
      code: 'bad_request',
      message: 'the body ended before its time',
      remedy: 'send it whole',
    })
  }
}
