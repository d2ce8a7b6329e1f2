import { describe, expect, it } from 'vitest'
import { docsPage } from './page.ts'

const HOSTILE = '</style></pre><script>alert(1)</script><img src=x onerror=alert(1)>"\'&'

describe('the docs page', () => {
  it('escapes everything from the document, and runs no script', async () => {
    const text = String(
      await docsPage({
        info: { title: HOSTILE, version: HOSTILE, description: HOSTILE },
        paths: {
          [`/${HOSTILE}`]: {
            post: {
              summary: HOSTILE,
              description: HOSTILE,
              parameters: [
                { name: HOSTILE, in: HOSTILE, description: HOSTILE, schema: { example: HOSTILE } },
              ],
              requestBody: {
                content: { [HOSTILE]: { schema: { $ref: `#/components/schemas/${HOSTILE}` } } },
              },
              responses: {
                200: { description: HOSTILE, content: { [HOSTILE]: { schema: { title: HOSTILE } } } },
              },
            },
          },
        },
        components: { schemas: { [HOSTILE]: { title: HOSTILE } } },
      }),
    )
    expect(text).not.toMatch(/<script|<img/)
    expect(text.match(/<\/style>/g)).toHaveLength(1)
    expect(text).toContain('&lt;script&gt;alert(1)')
    expect(text).not.toMatch(/https?:|src=x onerror=alert\(1\)>"/)
  })
})
