import { describe, expect, it } from 'vitest'
import { filledIn } from './call.ts'

describe('the headers of a hook that is a request', () => {
  const request = {
    url: 'http://127.0.0.1:8787/hooks/claude-code',
    headers: { Authorization: 'Bearer $PRESENCE_SERVER_TOKEN', 'X-User': '$USER', 'X-Key': '$AWS_SECRET' },
    allowedEnvVars: ['PRESENCE_SERVER_TOKEN', 'USER'],
  }

  it('are filled in as by the agent: only from the variables that the hook may read', () => {
    const env = { PRESENCE_SERVER_TOKEN: 't', AWS_SECRET: 's3cret' }
    expect(filledIn(request, env)).toEqual({ Authorization: 'Bearer t', 'X-User': '', 'X-Key': '' })
  })
})
