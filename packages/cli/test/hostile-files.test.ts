import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { openBoard } from '@presence/core'
import { describe, expect, it } from 'vitest'
import { type CliOptions, presence } from '../../../e2e/support/cli.ts'
import {
  boardWith,
  databaseWith,
  HOSTILE_SIBLINGS,
  journalNaming,
  OTHER_FILES,
  sqlite,
  UNSAFE_BOARDS,
} from '../../../e2e/support/hostile-files.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { EVENTS } from '../../hooks/src/hook.ts'
import { hook } from '../../hooks/test/hook-process.ts'
import { payload } from '../../hooks/test/hostile.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

const VERBS = [
  ['claim', 'node:a', '--purpose', 'p'],
  ['claim', 'node:a', '--purpose', 'p', '--exclusive'],
  ['list'],
  ['heartbeat'],
  ['release', '--all-mine'],
  ['message', 'inbox'],
  ['migrate', '--dry-run'],
  ['migrate'],
]

/** Every verb, hook and doctor ends in time, and tells why this file isn't used as a board. */
async function expectRefused(file: string, told: RegExp, options: CliOptions = {}): Promise<void> {
  const env = { PRESENCE_DSN: `sqlite:${file}`, PRESENCE_SESSION_ID: 'ana' }
  const verbs = VERBS.map(async verb => {
    const said = await presence(verb, { ...options, env })
    expect(said.status, `${verb.join(' ')}: ${said.stderr}`).toBe(2)
    expect(said.stderr, verb.join(' ')).toMatch(told)
    expect(said.stderr).toMatch(/^presence: hint: /m)
    expect(said.stderr).not.toMatch(/report it/)
  })
  const hooks = (options.uid === undefined ? EVENTS : []).map(async event => {
    const said = await hook({ args: [event], input: payload(), env: { ...env, HOME: scratchFolder() } })
    expect(said.status, event).toBe(0)
    if (event !== 'UserPromptSubmit') return
    // A busy machine may give a hook no time to look at the file. One that hangs in SQLite is killed.
    const { additionalContext } = JSON.parse(said.stdout).hookSpecificOutput
    expect(additionalContext).toMatch(new RegExp(`${told.source}|ran out of time`))
  })
  const looked = await presence(['doctor'], { ...options, env })
  expect(looked.status).toBe(2)
  expect(looked.stdout).toMatch(new RegExp(`broken {2}\\w+: .*(${told.source}).*to fix it: `, 's'))
  await Promise.all([...verbs, ...hooks])
}

/** The content of every regular file in a folder; of large ones the size. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder).sort()
  return Object.fromEntries(
    files.map(name => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false })
      const small = found?.isFile() && found.size < 2 ** 24
      return [name, small ? readFileSync(join(folder, name), 'latin1') : String(found?.size)]
    }),
  )
}

describe('a board’s file with a schema that could run something is refused before anything of it runs', () => {
  it.each(UNSAFE_BOARDS)('%s', async (_, make, told) => {
    const folder = scratchFolder()
    const file = await make(folder)
    await expectRefused(file, told)
  })

  it('also if it was added after the file was opened', async () => {
    const file = await boardWith('SELECT 1')(scratchFolder())
    await using board = await openBoard({ dsn: `sqlite:${file}`, session: 'ana', env: {} })
    await board.claim('node:a', { purpose: 'p' })
    const trigger =
      'CREATE TRIGGER late AFTER INSERT ON presence_claims BEGIN DELETE FROM presence_claims; END'
    sqlite(file, trigger)
    for (const call of [() => board.claim('node:b', { purpose: 'p' }), () => board.list()])
      await expect(call()).rejects.toMatchObject({
        code: 'damaged',
        message: expect.stringContaining('"late"'),
      })
    sqlite(file, 'DROP TRIGGER late')
    expect(await board.list()).toMatchObject({ ok: true, claims: [{ label: 'node:a' }] })
  })
})

describe('a board’s file stays usable', () => {
  it.each([
    ['an index of one’s own', 'CREATE INDEX mine ON presence_claims (purpose, user)'],
    ['statistics of the planner', 'ANALYZE'],
    [
      'tables of another program, with triggers and views',
      `CREATE TABLE notes (a CHECK (a > 0)); CREATE VIEW v AS SELECT * FROM presence_claims;
      CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM notes; END`,
    ],
    [
      'a column and a table that a newer version added',
      'ALTER TABLE presence_claims ADD `later` text; CREATE TABLE `presence_later` (`id` int PRIMARY KEY, `n` real DEFAULT -1 NOT NULL)',
    ],
    ['another size of its pages', 'PRAGMA journal_mode = DELETE; PRAGMA page_size = 65536; VACUUM'],
  ])('with %s', async (_, sql) => {
    const file = await boardWith(sql)(scratchFolder())
    const on = (...args: string[]) =>
      presence(args, { env: { PRESENCE_DSN: `sqlite:${file}`, PRESENCE_SESSION_ID: 'ana' } })
    expect(await on('claim', 'node:a', '--purpose', 'p')).toMatchObject({ status: 0, stderr: '' })
    expect((await on('list')).stdout).toContain('node:a')
    expect((await on('doctor')).stdout).toMatch(/ok {6}integrity/)
  })

  it('if it is empty, or an SQLite file without anything', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'empty.db'), '')
    sqlite(join(folder, 'blank.db'), 'PRAGMA journal_mode = WAL; VACUUM')
    for (const name of ['empty.db', 'blank.db']) {
      const said = await presence(['claim', 'node:a', '--purpose', 'p', '--dsn', `sqlite:${folder}/${name}`])
      expect(said).toMatchObject({ status: 0, stderr: '' })
    }
  })
})

describe('a file that is not a board is refused, and stays as it is', () => {
  it.each(OTHER_FILES)('%s', async (_, make, told) => {
    const folder = scratchFolder()
    const file = await make(folder)
    const before = contentOf(folder)
    await expectRefused(file, told)
    expect(contentOf(folder)).toEqual(before)
  })

  it('a link that leads to itself', async () => {
    const folder = scratchFolder()
    symlinkSync('loop.db', join(folder, 'loop.db'))
    const said = await presence(['list', '--dsn', `sqlite:${folder}/loop.db`])
    expect(said).toMatchObject({ status: 2, stdout: '' })
  })

  it("another program's database whose process was killed while it wrote", async () => {
    const folder = scratchFolder()
    const file = await databaseWith('CREATE TABLE notes (a)')(folder)
    journalNaming(file, join(folder, 'no-such-file'))
    const before = contentOf(folder)
    await expectRefused(file, /names another file|another program's/)
    expect(contentOf(folder)).toEqual(before)
  })
})

describe('a file beside the board', () => {
  for (const suffix of ['-wal', '-shm', '-journal'])
    it.each(HOSTILE_SIBLINGS)(`${suffix} that is %s is refused`, async (_, make, told) => {
      const file = await boardWith('SELECT 1')(scratchFolder())
      make(`${file}${suffix}`)
      await expectRefused(file, told)
    })

  it('that names another file can’t make SQLite delete it', async () => {
    const folder = scratchFolder()
    const file = await boardWith('PRAGMA journal_mode = DELETE')(folder)
    writeFileSync(join(folder, 'victim'), 'my text\n')
    journalNaming(file, join(folder, 'victim'))
    await expectRefused(file, /names another file, which SQLite would delete/)
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('my text\n')
  })

  it.skipIf(!isRoot).each(['-wal', '-shm', '-journal'])('%s of another user is refused', async suffix => {
    const folder = scratchFolder()
    const file = await boardWith('SELECT 1')(folder)
    chmodSync(folder, 0o1777)
    chownSync(file, 61_001, 61_001)
    writeFileSync(`${file}${suffix}`, '')
    chownSync(`${file}${suffix}`, 61_002, 61_002)
    await expectRefused(file, /belongs to another user \(uid 61002\)/, { uid: 61_001 })
  })

  it.skipIf(!isRoot)('that another member of the board’s group made is used', async () => {
    const folder = scratchFolder()
    const file = await boardWith('SELECT 1')(folder)
    chownSync(folder, 61_001, 61_000)
    chmodSync(folder, 0o2770)
    chownSync(file, 61_001, 61_000)
    chmodSync(file, 0o660)
    writeFileSync(`${file}-wal`, '', { mode: 0o660 })
    chownSync(`${file}-wal`, 61_002, 61_000)
    chmodSync(`${file}-wal`, 0o660)
    const said = await presence(['list', '--dsn', `sqlite:${file}`], { uid: 61_001, groups: [61_000] })
    expect(said).toMatchObject({ status: 0, stderr: '' })
  })
})

describe.skipIf(!isRoot)('a board’s file that may not be used is reported', () => {
  const ways: readonly (readonly [name: string, deny: (file: string) => void, told: RegExp])[] = [
    ['without the right to read it', file => chmodSync(file, 0o200), /mode of board.db is 200/],
    ['without any right', file => chmodSync(file, 0), /mode of board.db is 0/],
    [
      'in a folder without the right to write',
      file => chmodSync(dirname(file), 0o500),
      /read-only|can't be opened/,
    ],
    [
      'in a folder without the right to enter',
      file => chmodSync(dirname(file), 0o600),
      /no access to|may not use/,
    ],
  ]
  it.each(ways)('%s', async (_, deny, told) => {
    const folder = join(scratchFolder(), 'own')
    chmodSync(dirname(folder), 0o755)
    mkdirSync(folder)
    const file = await boardWith('SELECT 1')(folder)
    for (const each of [folder, file]) chownSync(each, NOBODY, NOBODY)
    deny(file)
    await expectRefused(file, told, { uid: NOBODY })
  })
})

describe('values that no client writes', () => {
  const row = (values: string) =>
    `INSERT INTO presence_claims (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name) VALUES (${values})`
  const LATER = "unixepoch('now', '+1 hour') * 1000"
  it.each([
    ['bytes in place of text', row(`'odd', 'node:a', x'00ff', 0, ${LATER}, x'01', 'u', NULL`)],
    ['numbers in place of text', row(`7, 8, 9.5, 0, ${LATER}, 1, 2, 3`)],
    ['text in place of times', row(`'odd', 'node:a', 'p', 'yesterday', 'never', 'h', 'u', NULL`)],
    ['infinite times', row(`'odd', 'node:a', 'p', -9e999, 9e999, 'h', 'u', NULL`)],
    ['fractions of times', row(`'odd', 'node:a', 'p', 0.5, 9e14 + 0.25, 'h', 'u', NULL`)],
    [
      'a number that JavaScript can not hold',
      `${row(`'odd', 'node:a', 'p', 0, ${LATER}, 'h', 'u', NULL`)}; UPDATE presence_claims SET ttl_seconds = 9223372036854775807`,
    ],
    ['bytes of 12 MB', row(`'odd', 'node:a', zeroblob(12000000), 0, ${LATER}, 'h', 'u', NULL`)],
    [
      'a text of 100 MB',
      row(`'odd', 'node:a', CAST(zeroblob(100000000) AS TEXT), 0, ${LATER}, 'h', 'u', NULL`),
    ],
  ])('%s: no verb or hook hangs or asks to report a bug', async (_, sql) => {
    const file = await boardWith(sql)(scratchFolder())
    const env = { PRESENCE_DSN: `sqlite:${file}`, PRESENCE_SESSION_ID: 'ana', HOME: scratchFolder() }
    for (const verb of [...VERBS, ['doctor']]) {
      const said = await presence(verb, { env })
      expect(said.status, `${verb.join(' ')}: ${said.stderr.slice(0, 500)}`).toBeOneOf([0, 1, 2, 3])
      expect(said.stderr, verb.join(' ')).not.toMatch(/report it/)
    }
    expect((await hook({ args: ['UserPromptSubmit'], input: payload(), env })).status).toBe(0)
  })
})
