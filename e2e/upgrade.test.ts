import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import steps from 'virtual:migrations/mysql'
import { describe, expect, it } from 'vitest'
import { parseDsn } from '../packages/core/src/config/dsn.ts'
import { migrateServer } from '../packages/core/src/store/mysql/migrate/server.ts'
import { migrateFurther } from '../packages/core/test/later.ts'
import { hook } from '../packages/hooks/test/hook-process.ts'
import { type CliResult, PRESENCE, presence } from './support/cli.ts'
import { newDatabaseName } from './support/dolt.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'
import { has, Terminal } from './support/terminal.ts'

const CLAIM = ['--claim', 'stack:web', '--purpose', 'deploy']
const NOT_TRUSTED = /(?:you have|this user has) not trusted the project's board "127\.0\.0\.1:\d+"/

/** A clone of the team's repository, as one person or one CI job has it. */
class Clone {
  readonly project: string
  readonly home: string
  readonly dsn: string

  constructor(dsn: string) {
    this.dsn = dsn
    const root = scratchFolder()
    this.project = join(root, 'shop')
    this.home = join(root, 'home')
    mkdirSync(join(this.project, '.git'), { recursive: true })
    mkdirSync(join(this.project, '.presence'))
    mkdirSync(this.home)
    this.commits({ dsn })
  }

  /** Somebody commits another config file, and this clone gets it. */
  commits(config: object): void {
    writeFileSync(join(this.project, '.presence/config.json'), JSON.stringify(config))
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
    const own = { HOME: this.home, PRESENCE_SESSION_ID: 'ana', ...env }
    return presence(args, { cwd: this.project, env: own })
  }

  /** Its agent starts, with hooks that an earlier version wrote into the project's settings. */
  async agentIsTold(event: string): Promise<string> {
    const payload = { session_id: 'agent-1', cwd: this.project, hook_event_name: event, prompt: 'go on' }
    const { status, stdout } = await hook({
      args: [event],
      input: JSON.stringify({ ...payload, source: 'startup' }),
      env: { HOME: this.home },
    })
    expect(status).toBe(0)
    return stdout === '' ? '' : JSON.parse(stdout).hookSpecificOutput.additionalContext
  }

  /** A person answers `presence trust` at a terminal. */
  async trust(): Promise<void> {
    const { PATH = '' } = process.env
    using terminal = new Terminal('sh', { PATH, HOME: this.home, PS1: '> ' }, this.project)
    terminal.type(`${PRESENCE} trust; echo status=$?`, 'Enter')
    await terminal.shows('trust it? [y/N]')
    terminal.type('y', 'Enter')
    await terminal.shows('status=0')
  }
}

describeEachEngine('a team with a committed config and CI jobs upgrades presence', engine => {
  const newClone = async () => new Clone((await newBoardOn(engine.port)).dsn)

  it('a person who upgraded before the board was migrated is told to migrate, and loses nothing', async () => {
    const dsn = `mysql://root@127.0.0.1:${engine.port}/${newDatabaseName()}`
    await migrateServer(parseDsn(dsn) as never, { createDatabase: true }, steps.slice(0, -1))
    const ana = new Clone(dsn)
    const trusted = { PRESENCE_TRUST: '127.0.0.1' }
    const said = await ana.run(['claim', 'node:a', '--purpose', 'drain'], trusted)
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(/^presence: NOT claimed node:a: /)
    expect(said.stderr).toContain('presence migrate')
    expect((await ana.run(['migrate'], trusted)).status).toBe(0)
    expect((await ana.run(['claim', 'node:a', '--purpose', 'drain'], trusted)).status).toBe(0)
  })

  it('a person who has not upgraded yet goes on working on the migrated board', async () => {
    const ben = await newClone()
    await migrateFurther(ben.dsn, 'adds')
    const said = await ben.run(['claim', 'node:a', '--purpose', 'drain'], { PRESENCE_DSN: ben.dsn })
    expect(said).toMatchObject({ status: 0, stderr: '' })
  })

  it.skipIf(!has('tmux'))('a person trusts the board once, and again only for another board', async () => {
    const ana = await newClone()
    const before = await ana.run(['list'])
    expect(before).toMatchObject({ status: 2, stdout: '' })
    expect(before.stderr).toMatch(NOT_TRUSTED)
    expect(before.stderr).toContain('presence trust')
    await ana.trust()
    expect(await ana.run(['list'])).toMatchObject({ status: 0, stderr: '' })
    ana.commits({ dsn: ana.dsn, kinds: ['queue'], project: 'shop' })
    expect((await ana.run(['claim', 'queue:mail', '--purpose', 'p'])).status).toBe(0)
    ana.commits({ dsn: `${ana.dsn}_2` })
    expect(await ana.run(['list'])).toMatchObject({ status: 2 })
  })

  it.skipIf(!has('tmux'))(
    'an agent is told why the board is unknown, and has it once it is trusted',
    async () => {
      const ana = await newClone()
      await presence(['claim', 'db:orders', '--purpose', 'migrate it', '--session', 'ben'], {
        env: { PRESENCE_DSN: ana.dsn },
      })
      const told = await ana.agentIsTold('SessionStart')
      expect(told).toMatch(NOT_TRUSTED)
      expect(told).not.toContain('db:orders')
      await ana.trust()
      expect(await ana.agentIsTold('UserPromptSubmit')).toContain('db:orders')
    },
  )

  describe('a CI job that has only the committed config', () => {
    const deploy = (clone: Clone, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      clone.run(['run', ...args, '--', 'sh', '-c', 'echo deployed; exit 7'], {
        PRESENCE_SESSION_ID: 'ci',
        ...env,
      })

    it('still deploys under a shared claim, and says first that it is not claimed', async () => {
      const said = await deploy(await newClone(), CLAIM)
      expect(said).toMatchObject({ status: 7, stdout: 'deployed\n' })
      expect(said.stderr).toMatch(/^presence: NOT claimed stack:web: /)
      expect(said.stderr).toMatch(/PRESENCE_TRUST=127\.0\.0\.1/)
    })

    it('does not deploy under an exclusive claim', async () => {
      const said = await deploy(await newClone(), [...CLAIM, '--exclusive'])
      expect(said).toMatchObject({ status: 2, stdout: '' })
      expect(said.stderr).toMatch(/PRESENCE_TRUST=127\.0\.0\.1/)
    })

    it.each([[[]], [['--exclusive']]])(
      'deploys as before with PRESENCE_TRUST or PRESENCE_DSN: %s',
      async more => {
        const clone = await newClone()
        for (const env of [{ PRESENCE_TRUST: '127.0.0.1' }, { PRESENCE_DSN: clone.dsn }])
          expect(await deploy(clone, [...CLAIM, ...more], env)).toMatchObject({
            status: 7,
            stdout: 'deployed\n',
            stderr: '',
          })
      },
    )
  })

  it('a script with a wrong password fails with 2, and one that meets an outage goes on', async () => {
    const { dsn } = await newClone()
    const denied = dsn.replace('root@', 'nobody:wrong@')
    const away = dsn.replace(/:\d+\//, ':1/')
    const status = async (PRESENCE_DSN: string) =>
      (await presence(['claim', 'node:a', '--purpose', 'p'], { env: { PRESENCE_DSN } })).status
    expect(await status(denied)).toBe(2)
    expect(await status(away)).toBe(0)
  })
})

it('the page on upgrading names every case above', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/upgrading.md'), 'utf8')
  for (const words of [
    'PRESENCE_TRUST',
    'presence trust',
    'presence migrate',
    'not upgraded yet',
    '--exclusive',
  ])
    expect(page).toContain(words)
})
