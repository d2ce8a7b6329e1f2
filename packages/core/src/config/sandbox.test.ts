import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { firstOutside, sandboxedConnection, sandboxedFile, sandboxName } from './sandbox.ts'

const BOARD = 'db.example:3306/board'
const CODEX = { CODEX_SANDBOX_NETWORK_DISABLED: '1' }
const SEATBELT = { CODEX_SANDBOX: 'seatbelt' }
const CODEX_SHELL = { CODEX_THREAD_ID: 't' }
const CLAUDE = { SANDBOX_RUNTIME: '1', HTTP_PROXY: 'http://localhost:3128' }
const GEMINI = { SANDBOX: 'sandbox-exec', GEMINI_CLI: '1' }

function newFile(mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-sandbox-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'board.db')
  writeFileSync(file, '')
  chmodSync(file, mode)
  return file
}

/** The code of the fault that a user other than root has with this file in Codex's sandbox: root has all rights. */
function faultOfUser(file: string): string {
  chmodSync(join(file, '..'), 0o777)
  const program = `import { sandboxedFile } from ${JSON.stringify(join(import.meta.dirname, 'sandbox.ts'))}
    const fault = sandboxedFile('EACCES', ${JSON.stringify(file)}, undefined, ${JSON.stringify(CODEX)})
    process.stdout.write(fault?.code ?? 'none')`
  const user = process.getuid?.() === 0 ? { uid: 65_534 } : {}
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    ...user,
    encoding: 'utf8',
  })
}

describe('a connection', () => {
  it.each([
    ['EPERM', CODEX, "Codex's sandbox", 'network_access'],
    ['EACCES', SEATBELT, "Codex's sandbox", 'network_access'],
    ['EPERM', CODEX_SHELL, "Codex's sandbox", 'network_access'],
    // Bubblewrap gives a process a network of its own, in which nothing is.
    ['ENETUNREACH', CODEX, "Codex's sandbox", 'network_access'],
    ['EAI_AGAIN', CODEX, "Codex's sandbox", 'network_access'],
    ['EPERM', CLAUDE, "Claude Code's sandbox", 'excludedCommands'],
    ['ENOTFOUND', CLAUDE, "Claude Code's sandbox", 'excludedCommands'],
    ['EPERM', GEMINI, "Gemini CLI's sandbox", 'SEATBELT_PROFILE'],
    ['EPERM', {}, 'a sandbox or a firewall on this machine', 'allow connections to db.example:3306/board'],
  ])('that fails with %s under %j is denied by %s', (code, env, name, setting) => {
    const fault = sandboxedConnection(code, BOARD, new Error(code), env)
    expect(fault).toMatchObject({ code: 'sandboxed', remedy: expect.stringContaining(setting) })
    expect(fault?.message).toBe(`${name} doesn't let this process connect to the board at ${BOARD} (${code})`)
  })

  it.each([
    ['ECONNREFUSED', {}],
    ['ECONNREFUSED', CODEX],
    ['ECONNREFUSED', CLAUDE],
    ['ECONNREFUSED', CODEX_SHELL],
    ['ECONNREFUSED', SEATBELT],
    ['ENOTFOUND', { SANDBOX_RUNTIME: '1' }],
    ['ETIMEDOUT', CODEX],
    ['ECONNRESET', CODEX],
  ])('that fails with %s under %j has another reason', (code, env) => {
    expect(sandboxedConnection(code, BOARD, new Error(code), env)).toBeUndefined()
  })

  it('that is refused inside a sandbox without a network is tried outside first', () => {
    expect(firstOutside('ECONNREFUSED', CODEX)).toMatch(/^try presence's MCP tools.*Codex's sandbox; or $/)
    for (const env of [{}, SEATBELT, GEMINI]) expect(firstOutside('ECONNREFUSED', env)).toBe('')
    expect(firstOutside('ETIMEDOUT', CODEX)).toBe('')
  })

  it('is best replaced by the agent’s tools, if these run outside of the sandbox', () => {
    const remedyIn = (env: Record<string, string>) =>
      sandboxedConnection('EPERM', BOARD, undefined, env)?.remedy
    for (const env of [CODEX, CLAUDE])
      expect(remedyIn(env)).toMatch(/^use presence's MCP tools, which run outside/)
    expect(remedyIn(GEMINI)).not.toContain('MCP')
  })
})

describe('a board’s file', () => {
  it.each([CODEX, SEATBELT, CODEX_SHELL, CLAUDE, GEMINI, { CLAUDECODE: '1' }])(
    'that its mode allows and the system doesn’t is denied by the sandbox of %j',
    env => {
      const file = newFile()
      const fault = sandboxedFile('EROFS', file, undefined, env)
      expect(fault).toMatchObject({ code: 'sandboxed', message: expect.stringContaining(`${file} (EROFS)`) })
      expect(fault?.remedy).toContain(join(file, '..'))
    },
  )

  it('outside of any agent has another reason', () => {
    expect(sandboxedFile('EROFS', newFile(), undefined, {})).toBeUndefined()
  })

  it('that its mode denies is not denied by a sandbox', () => {
    const file = newFile(0o400)
    expect(faultOfUser(file)).toBe('none')
    chmodSync(file, 0o666)
    expect(faultOfUser(file), 'the same file, if its mode allows it').toBe('sandboxed')
  })
})

it.each([
  [CODEX, "Codex's sandbox"],
  [CLAUDE, "Claude Code's sandbox"],
  [CODEX_SHELL, undefined],
  [{ SANDBOX: 'mine' }, undefined],
])('the sandbox of %j is %s', (env, name) => {
  expect(sandboxName(env)).toBe(name)
})
