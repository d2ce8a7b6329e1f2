import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESENCE, presence, run } from '../../../e2e/support/cli.ts'
import { freePort } from '../../../e2e/support/free-port.ts'
import { canForbidConnect, withoutConnect } from '../../../e2e/support/sandbox.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const INSIDE = { CODEX_SANDBOX_NETWORK_DISABLED: '1' }

/** A project with Codex's hooks, and a `codex` that starts a command where nothing can be connected to. */
async function newProject({ dsn, codex = true }: { readonly dsn?: string; readonly codex?: boolean } = {}) {
  const home = scratchFolder()
  const [project, bin] = [join(home, 'project'), join(home, 'bin')]
  for (const folder of [join(project, '.git'), bin]) mkdirSync(folder, { recursive: true })
  const [python = '', ...words] = withoutConnect
  writeFileSync(join(bin, 'filter.py'), words[1] ?? '')
  const script = `#!/bin/sh
[ "$1" = sandbox ] || exit 64
while [ "$1" != -- ]; do shift; done
shift
CODEX_SANDBOX_NETWORK_DISABLED=1 exec ${python} "${bin}/filter.py" "$@"
`
  if (codex) writeFileSync(join(bin, 'codex'), script, { mode: 0o755 })
  const env = {
    HOME: home,
    PATH: `${bin}:${dirname(PRESENCE)}:${process.env['PATH']}`,
    PRESENCE_SESSION_ID: 'ana',
    ...(dsn === undefined ? {} : { PRESENCE_DSN: dsn }),
  }
  const as = (...args: string[]) => presence(args, { env, cwd: project, within: 60_000 })
  await as('init', '--hooks', 'codex')
  return { as, env, project }
}

const refused = async () => `mysql://ana@127.0.0.1:${await freePort()}/board`

describe.skipIf(!canForbidConnect)('doctor --hooks tries the board where Codex runs commands', () => {
  it('and finds that a command there reaches it', async () => {
    const { as } = await newProject()
    const said = await as('doctor', '--hooks')
    expect(said.stdout).toContain('ok      codex sandbox: commands that Codex runs reach the board\n')
    expect(said.status).toBe(0)
  })

  it('and finds that it can’t be used there, with the remedy', async () => {
    const { as } = await newProject({ dsn: await refused() })
    const said = await as('doctor', '--hooks')
    expect(said.stdout).toMatch(
      /broken {2}codex sandbox: commands that Codex runs can't use the board: .*\(EPERM\).*to fix it: .*MCP tools.*network_access = true/,
    )
    expect(said.status).toBe(3)
  })

  it('and only notes that if Codex has presence’s tools, which run outside', async () => {
    const { as } = await newProject({ dsn: await refused() })
    await as('init', '--mcp', 'codex')
    const said = await as('doctor', '--hooks')
    expect(said.stdout).toMatch(
      /note {4}codex sandbox: .*\(EPERM\); its tools can -- to fix it: let it use them/,
    )
  })

  it('and says that it could not, if codex is not on PATH', async () => {
    const { as } = await newProject({ codex: false })
    const said = await as('doctor', '--hooks')
    expect(said.stdout).toMatch(/note {4}codex sandbox: .*could not try it.*let Codex run: presence doctor/)
    expect(said.status).toBe(0)
  })

  it('and asks the board itself if it runs inside a sandbox', async () => {
    const { env, project } = await newProject({ dsn: await refused() })
    const [python = '', ...words] = withoutConnect
    const inside = { env: { ...env, ...INSIDE }, cwd: project, within: 60_000 }
    const said = await run(python, [...words, PRESENCE, 'doctor', '--hooks'], inside)
    expect(said.stdout).toMatch(/broken {2}sandbox: doctor runs inside Codex's sandbox: .*\(EPERM\)/)
    expect(said.status).toBe(2)
  })
})
