import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { programOf } from './support/agents/agent.ts'
import { run } from './support/cli.ts'
import { packed, UserProject } from './support/packages.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const ROOT = join(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(join(ROOT, 'packages/cli/package.json'), 'utf8'))
const tarballs = packed()

/** What a program of a user does. The module system differs in how it gets `openBoard`. */
const BODY = `
const main = async () => {
  const board = await openBoard({ dsn: process.argv[2], session: 'ana', env: { HOME: '/nonexistent' } })
  const said = await board.claim('node:k8s-1', { purpose: 'drain' })
  const list = await board.list()
  console.log(said.ok, list.claims.map(claim => claim.label).join())
  await board.close()
}
main().catch(error => {
  console.log(error.name, error.code, error.message, error.remedy)
  process.exitCode = 1
})
`
const PROGRAMS = {
  'main.mjs': `import { openBoard } from '@presence/core'${BODY}`,
  'main.cjs': `const { openBoard } = require('@presence/core')${BODY}`,
  'schema.mjs': `import { ClaimSchema } from '@presence/core/schema'\nconsole.log(typeof ClaimSchema.parse)`,
}

/** The Nodes that the packages support: the oldest, the one of this workspace, and the newest. */
const NODES = ['22.16.0', process.versions.node, '26.10.0']
const nodeOf = async (version: string) =>
  version === process.versions.node
    ? process.execPath
    : programOf(version.startsWith('22') ? 'node-22' : 'node-26')

describe.each(['npm', 'pnpm'] as const)(
  'the packages, installed with %s into an empty project,',
  installer => {
    const project = new UserProject()
    beforeAll(async () => {
      await project.install(installer, [tarballs.core, tarballs.cli])
      for (const [name, text] of Object.entries(PROGRAMS)) project.write(name, text)
    })

    describe.each(NODES)('on Node %s', wanted => {
      it('are the Node that the test asks for', async () => {
        expect((await project.run(['node', '--version'], {}, await nodeOf(wanted))).stdout).toBe(
          `v${wanted}\n`,
        )
      })

      it('have the command, which claims and lists', async () => {
        const node = await nodeOf(wanted)
        const env = { PRESENCE_DSN: `sqlite:${scratchFolder()}/board.db`, PRESENCE_SESSION_ID: 'ana' }
        const asked = async (...args: string[]) => project.run(['presence', ...args], env, node)
        expect(await asked('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
        expect(await asked('claim', 'node:k8s-1', '--purpose', 'drain')).toMatchObject({
          status: 0,
          stderr: '',
        })
        expect((await asked('list')).stdout).toContain('node:k8s-1')
      })

      it.each(['main.mjs', 'main.cjs'])('have the library, which claims and lists: %s', async name => {
        const dsn = `sqlite:${scratchFolder()}/board.db`
        const said = await project.run(['node', name, dsn], {}, await nodeOf(wanted))
        expect(said).toMatchObject({ status: 0, stdout: 'true node:k8s-1\n' })
      })

      it('have the schemas', async () => {
        const said = await project.run(['node', 'schema.mjs'], {}, await nodeOf(wanted))
        expect(said).toMatchObject({ status: 0, stdout: 'function\n' })
      })

      it('say how to add the driver if the board is on a database server', async () => {
        const said = await project.run(
          ['node', 'main.mjs', 'mysql://a@127.0.0.1/b'],
          {},
          await nodeOf(wanted),
        )
        expect(said).toMatchObject({
          status: 1,
          stdout: expect.stringMatching(
            /^PresenceError cannot_start .*mysql2.* not installed .*npm install mysql2/,
          ),
        })
      })
    })

    it('have a command that npx runs', async () => {
      const said = await project.run(['npx', '--no-install', '@presence/cli', '--version'])
      expect(said).toMatchObject({ status: 0, stdout: `${version}\n` })
    })
  },
)

it('npx runs the command without an installation', async () => {
  // npx keeps in its cache what it runs.
  const env = { ...process.env, npm_config_cache: scratchFolder() }
  const args = ['--yes', '--package', tarballs.cli, 'presence', '--version']
  const said = await run('npx', args, { cwd: scratchFolder(), env, within: 120_000 })
  expect(said).toMatchObject({ status: 0, stdout: `${version}\n` })
})

describe.each(['npm', 'pnpm'] as const)(
  'the library with mysql2 beside it, installed with %s,',
  installer => {
    const project = new UserProject()
    beforeAll(async () => {
      await project.install(installer, [tarballs.core, 'mysql2'])
      project.write('main.mjs', PROGRAMS['main.mjs'])
    })

    describeEachEngine('claims', engine => {
      it('on the server', async () => {
        const { dsn } = await newBoardOn(engine.port)
        expect(await project.run(['node', 'main.mjs', dsn])).toMatchObject({
          status: 0,
          stdout: 'true node:k8s-1\n',
        })
      })
    })
  },
)
