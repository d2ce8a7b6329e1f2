import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Denied } from '../faults.ts'

/** The maximum size of a body. A claim's fields need at most a tenth of it. */
const BODY_BYTES_MAX = 65_536

/** Agents' hooks post here, and no schema rejects their bodies. */
const HOOKS = '/hooks/'

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i
const limit = bodyLimit({
  maxSize: BODY_BYTES_MAX,
  onError: () => {
    throw new Denied(413, {
      code: 'too_large',
      message: `the body has more than ${BODY_BYTES_MAX} bytes`,
      remedy: 'send a shorter body',
    })
  },
})

/** Its SDK judges the requests. */
const MCP = '/mcp'

/**
 * Accepts only short JSON bodies in UTF-8. A web page of another origin can't send that type without a CORS
 * preflight, which this server refuses. An empty body counts as none, whatever its type: some clients send a
 * Content-Type with every request.
 *
 * @throws Denied 415 `unsupported_type`, 413 `too_large` or 400 `bad_request`
 */
export const bodies: MiddlewareHandler = async (c, next) => {
  if (!mayHaveBody(c)) {
    withoutBody(c)
    return next()
  }
  if (!JSON_TYPE.test(c.req.header('content-type') ?? '') || c.req.header('content-encoding') !== undefined) {
    if (!(await isEmpty(c)))
      throw new Denied(415, {
        code: 'unsupported_type',
        message: 'the body must be JSON, in UTF-8 and uncompressed',
        remedy: 'send Content-Type: application/json, without a Content-Encoding',
      })
    withoutBody(c)
    return next()
  }
  // A hook's payload may contain a long tool answer, and an agent would show a refusal as an error. So there
  // is no size limit here: the route keeps only the beginning.
  if (c.req.path.startsWith(HOOKS)) return next()
  const bytes = await wholeBody(c)
  if (bytes.byteLength === 0) withoutBody(c)
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

/** A body that is sent in chunks has no length, and may turn out to be empty. */
function mayHaveBody({ req }: Context): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return false
  return req.header('transfer-encoding') !== undefined || Number(req.header('content-length') ?? 0) > 0
}

/** True for chunks without content. A body with a length isn't read for this. */
async function isEmpty(c: Context): Promise<boolean> {
  if (Number(c.req.header('content-length') ?? 0) > 0) return false
  return (await wholeBody(c)).byteLength === 0
}

/** Without the header, no validator looks for JSON. */
function withoutBody(c: Context): void {
  c.set('hasNoBody', true)
  if (c.req.path !== MCP) c.req.raw.headers.delete('content-type')
}

async function wholeBody(c: Context): Promise<ArrayBuffer> {
  try {
    await limit(c, async () => {})
    return await c.req.arrayBuffer()
  } catch (error) {
    if (error instanceof Denied) throw error
    throw new Denied(400, {
      code: 'bad_request',
      message: 'the body is incomplete',
      remedy: 'send the whole body',
    })
  }
}
