import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { programOf } from './support/agents/agent.ts'
import { packed, UserProject } from './support/packages.ts'

const ROOT = join(import.meta.dirname, '..')
const tarballs = packed()

/** The functions of the library that do something. */
const CALLS = {
  openBoard: "openBoard({ dsn: 'sqlite:board.db' })",
  migrate: "migrate({ dsn: 'sqlite:board.db' })",
  writeConfig: "writeConfig({ dsn: 'sqlite:board.db' })",
  projectOf: 'projectOf()',
}

describe('a Node that is too old is named, with the Node that is needed,', () => {
  const project = new UserProject()
  let node = ''
  beforeAll(async () => {
    node = await programOf('node-20')
    await project.install('npm', [tarballs.core, tarballs.cli])
    for (const [name, call] of Object.entries(CALLS)) project.write(`${name}.mjs`, libraryCall(call))
  })

  it.each(Object.keys(CALLS))('by the library: %s', async name => {
    const said = await project.run([node, `${name}.mjs`])
    expect(said.stdout).toBe(
      'PresenceError cannot_start Node 20.20.2 is too old; install Node 22.16 or newer\n',
    )
  })

  /** The command from npm, the file that is copied, and the plugin's. */
  const PROGRAMS = {
    'the installed command': () => join(project.folder, 'node_modules/.bin/presence'),
    'dist/presence': () => join(ROOT, 'dist/presence'),
    'the plugin': () => join(ROOT, 'dist/claude-code-plugin/bin/presence'),
  }
  /** Runs a program with the old Node first on PATH, and input for it. */
  const shell = (script: string, program: () => string) =>
    project.run(['sh', '-c', script, program()], { PATH: `${dirname(node)}:/usr/bin:/bin` })

  describe.each(Object.entries(PROGRAMS))('by %s', (_, program) => {
    it('in the first line of a verb', async () => {
      const said = await shell('"$0" list', program)
      expect(said).toMatchObject({ status: 2, stdout: '' })
      expect(said.stderr.split('\n')[0]).toBe(
        'presence: Node 20.20.2 is too old; install Node 22.16 or newer',
      )
    })

    it('in the context of an agent, by its first hook', async () => {
      const said = await shell('echo \'{"session_id":"s"}\' | "$0" hook SessionStart', program)
      expect(said.status).toBe(0)
      const { additionalContext } = JSON.parse(said.stdout).hookSpecificOutput
      expect(additionalContext).toContain('Node 20.20 is too old')
      expect(additionalContext).toContain('install Node 22.16 or newer')
    })

    it('in the answer to an MCP client', async () => {
      const said = await shell('echo \'{"jsonrpc":"2.0","id":1,"method":"initialize"}\' | "$0" mcp', program)
      expect(JSON.parse(said.stdout)).toMatchObject({
        id: 1,
        error: { message: 'presence: Node 20.20 is too old; install Node 22.16 or newer' },
      })
    })
  })
})

function libraryCall(call: string): string {
  return `import { migrate, openBoard, projectOf, writeConfig } from '@presence/core'
${call}.catch(error => console.log(error.name, error.code, error.message + '; ' + error.remedy))
`
}
