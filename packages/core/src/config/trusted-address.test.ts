import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TrustProject } from '../../test/trust-project.ts'
import { forgetAddresses, isTrustedAddress, trustAddress } from './trusted-address.ts'

describe('the address of a presence server in an agent’s settings', () => {
  const URL_ = 'https://board.example/hooks/claude-code'
  const trusting =
    ({ project, env }: TrustProject) =>
    (url: string, more: Record<string, string> = {}, cwd = join(project, 'src')) =>
      isTrustedAddress(url, cwd, { ...env, ...more })

  it('is trusted for one project, or by the user’s own settings for all', () => {
    const at = new TrustProject()
    const trusts = trusting(at)
    const { root, project, env } = at
    expect(trusts(URL_)).toBe(false)
    trustAddress('https://board.example', project, env)
    expect(trusts(URL_)).toBe(true)
    expect(trusts('https://board.example:444/hooks/claude-code')).toBe(false)
    expect(trusts('http://board.example/hooks/claude-code')).toBe(false)
    expect(trusts('https://x@board.example/hooks/claude-code')).toBe(false)
    expect(trusts(URL_, {}, root)).toBe(false)
    trustAddress('https://board.example', undefined, env)
    expect(trusts(URL_, {}, root)).toBe(true)
    forgetAddresses(undefined, env)
    expect(trusts(URL_, {}, root)).toBe(false)
    expect(trusts(URL_)).toBe(true)
    forgetAddresses(project, env)
    expect(trusts(URL_)).toBe(false)
  })

  it('needs no other trust if this user named the same server as a board', () => {
    const at = new TrustProject()
    const trusts = trusting(at)
    expect(trusts(URL_, { PRESENCE_TRUST: 'board.example' })).toBe(true)
    expect(trusts(URL_, { PRESENCE_DSN: 'https://board.example/' })).toBe(true)
    expect(trusts(URL_, { PRESENCE_DSN: 'https://board.example:444' })).toBe(false)
    at.says({ dsn: 'https://board.example' })
    expect(trusts(URL_), 'the project’s own word').toBe(false)
    at.trustIt()
    expect(trusts(URL_)).toBe(true)
  })

  it('is never a host that only looks like one', () => {
    const at = new TrustProject()
    const trusts = trusting(at)
    const { project, env } = at
    trustAddress('http://127.0.0.1:8787', project, env)
    expect(trusts('http://127.0.0.1:8787/hooks/claude-code')).toBe(true)
    for (const url of [
      'http://127.0.0.1:8787@evil.example/',
      'http://localhost:x@127.0.0.1:8787/',
      'http://127.0.0.1:87870/',
    ])
      expect(trusts(url), url).toBe(false)
  })
})
