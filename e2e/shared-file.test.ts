import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presence } from './support/cli.ts'

const isRoot = process.getuid?.() === 0
/** Ids that no account has. */
const [ANA, BOB, EVE, TEAM] = [61_001, 61_002, 61_003, 61_000]

/** A folder with this mode, owner and group. Everyone may enter the folders above it. */
function newFolder(mode: number, owner = 0, group = TEAM): string {
  const root = mkdtempSync(join(tmpdir(), 'presence-shared-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  chmodSync(root, 0o755)
  const folder = join(root, 'shared')
  mkdirSync(folder)
  chownSync(folder, owner, group)
  chmodSync(folder, mode)
  return folder
}

/** The command as one of the team's users, with a umask that would make new files private. */
const as =
  (uid: number, file: string, { umask = 0o077, groups = [TEAM] as readonly number[] } = {}) =>
  (...args: string[]) =>
    presence(args, {
      uid,
      groups,
      umask,
      env: { PRESENCE_DSN: `sqlite:${file}`, PRESENCE_SESSION_ID: `user-${uid}` },
    })

/** Mode and group of a file, as in `660 61000`. */
function accessOf(file: string): string {
  const { mode, gid } = statSync(file)
  return `${(mode & 0o7777).toString(8)} ${gid}`
}

const claim = ['claim', 'node:a', '--purpose', 'p']

describe.skipIf(!isRoot)('a board in a file that two users share', () => {
  it.each([0o077, 0o022, 0o007, 0o000])(
    'in a setgid folder of their group works for both with umask %o, and stays in the group',
    async umask => {
      const file = join(newFolder(0o2770), 'board.db')
      const [ana, bob] = [as(ANA, file, { umask }), as(BOB, file, { umask })]

      expect(await ana(...claim)).toMatchObject({ status: 0, stderr: '' })
      expect((await bob(...claim)).stdout).toContain(`user-${ANA}`)
      expect((await ana('heartbeat')).stdout).toContain(`user-${BOB}`)
      expect(await bob('release', '--all-mine')).toMatchObject({ status: 0, stderr: '' })
      expect(accessOf(file)).toBe(`660 ${TEAM}`)
    },
  )

  it('has -wal and -shm files of the group too, whichever user creates them', async () => {
    const folder = newFolder(0o2770)
    const file = join(folder, 'board.db')
    for (const uid of [ANA, BOB]) {
      await as(uid, file)(...claim)
      // A killed process of one user leaves them behind, and the next user's process creates new ones.
      const keep = `const d = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(file)});
        d.exec("UPDATE presence_claims SET purpose = 'kept'"); process.kill(process.pid, 'SIGKILL')`
      expect(() =>
        execFileSync(
          'setpriv',
          [`--reuid=${uid}`, `--regid=${uid}`, `--groups=${TEAM}`, 'sh', '-c']
            .concat('umask 077 && exec "$0" "$@"')
            .concat(process.execPath, '-e', keep),
          { stdio: 'ignore', cwd: '/' },
        ),
      ).toThrow()
      const left = readdirSync(folder).sort()
      expect(left).toEqual(['board.db', 'board.db-shm', 'board.db-wal'])
      for (const name of left) expect(accessOf(join(folder, name)), name).toBe(`660 ${TEAM}`)
      expect(await as(uid === ANA ? BOB : ANA, file)('list')).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('kept'),
        stderr: '',
      })
    }
  })

  it('is created completely: users who come at the same time all get their claim, and nothing else is left behind', async () => {
    for (let round = 0; round < 10; round++) {
      const folder = newFolder(0o2770)
      const file = join(folder, 'board.db')
      const all = await Promise.all([ANA, BOB, EVE, ANA + 10, BOB + 10].map(uid => as(uid, file)(...claim)))
      expect(all.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
        all.map(() => ({ status: 0, stderr: '' })),
      )
      expect(readdirSync(folder).filter(name => !/^board\.db(-wal|-shm)?$/.test(name))).toEqual([])
    }
  })

  it('creates its folders with the access of the folder above', async () => {
    const folder = newFolder(0o2770)
    const file = join(folder, 'teams/ops/board.db')
    await as(ANA, file)(...claim)

    expect((await as(BOB, file)(...claim)).stdout).toContain(`user-${ANA}`)
    expect(accessOf(join(folder, 'teams'))).toBe(`2770 ${TEAM}`)
    expect(accessOf(join(folder, 'teams/ops'))).toBe(`2770 ${TEAM}`)
  })

  it('is closed to users outside the group', async () => {
    const file = join(newFolder(0o2775), 'board.db')
    await as(ANA, file, { umask: 0 })(...claim)

    expect(accessOf(file)).toBe(`660 ${TEAM}`)
    const said = await as(EVE, file, { groups: [] })('list')
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr).toMatch(/can't be opened/)
  })

  it.each([
    ['whose group may only read', 0o2750, ANA],
    ['without the setgid bit', 0o770, 0],
    ['of one user', 0o700, ANA],
  ])('is private to its creator in a folder %s', async (_, mode, owner) => {
    const folder = newFolder(mode, owner)
    const file = join(folder, 'board.db')
    expect(await as(ANA, file, { umask: 0 })(...claim)).toMatchObject({ status: 0, stderr: '' })

    expect(accessOf(file)).toMatch(/^600 /)
    expect((await as(BOB, file)('list')).stdout).toBe('')
    const deeper = join(folder, 'deeper/board.db')
    await as(ANA, deeper, { umask: 0 })(...claim)
    expect(accessOf(join(folder, 'deeper'))).toMatch(/^2?700 /)
    expect(accessOf(deeper)).toMatch(/^600 /)
  })

  /** Every verb and doctor name what denies access to the file, and what its owner can do. */
  async function expectDenied(bob: ReturnType<typeof as>, reason: RegExp, remedy: string): Promise<void> {
    for (const verb of [['list'], claim, ['migrate', '--status']]) {
      const said = await bob(...verb)
      expect(said.stdout, verb.join(' ')).toBe('')
      expect(said.stderr).toMatch(reason)
      expect(said.stderr).toContain(`hint: ${remedy}`)
    }
    const looked = await bob('doctor')
    expect(looked.status).toBe(2)
    expect(looked.stdout).toMatch(new RegExp(`broken {2}board: .*${reason.source}`))
    expect(looked.stdout).toContain(`to fix it: ${remedy}`)
    expect(looked.stdout).not.toMatch(/not there yet|report it/)
  }

  it('that was created before the folder was shared is fixed by its owner’s chmod, as the hint says', async () => {
    const file = join(newFolder(0o2770), 'board.db')
    await as(ANA, file)(...claim)
    chmodSync(file, 0o600)
    await expectDenied(
      as(BOB, file),
      /can't be opened: the mode of board.db is 600, and it is another user's/,
      `ask its owner: chmod 660 ${file}`,
    )
    chmodSync(file, 0o660)
    expect(await as(BOB, file)(...claim)).toMatchObject({ status: 0, stderr: '' })
  })

  it('that was created without the setgid bit is fixed by group, mode and bit, as the hint says', async () => {
    const folder = newFolder(0o770)
    const file = join(folder, 'board.db')
    await as(ANA, file)(...claim)
    const mend = `chgrp --reference=${folder} ${file} && chmod 660 ${file}; and for files that are made there later: chmod g+s ${folder}`
    await expectDenied(as(BOB, file), /the mode of board.db is 600/, `ask its owner: ${mend}`)
    execFileSync('sh', ['-c', mend.replace(/; and.*: /, '; ')])
    expect(await as(BOB, file)(...claim)).toMatchObject({ status: 0, stderr: '' })
    expect(accessOf(folder)).toBe(`2770 ${TEAM}`)
  })

  it('with another user’s private -wal file is fixed by that user’s chmod', async () => {
    const file = join(newFolder(0o2770), 'board.db')
    await as(ANA, file)(...claim)
    writeFileSync(`${file}-wal`, '', { mode: 0o600 })
    chownSync(`${file}-wal`, ANA, TEAM)
    const said = await as(BOB, file)('list')
    expect(said.stderr).toContain(`hint: ask its owner: chmod 660 ${file}-wal`)
  })

  it('is not taken for missing by a user who may not enter its folder', async () => {
    const folder = newFolder(0o2770)
    const file = join(folder, 'board.db')
    await as(ANA, file)(...claim)
    await expectDenied(
      as(EVE, file, { groups: [] }),
      new RegExp(`you have no access to ${folder}`),
      'ask its owner to let you in, or name another board in the DSN (PRESENCE_DSN or the option dsn)',
    )
  })

  it('stays private if its owner made it private', async () => {
    const file = join(newFolder(0o2770), 'board.db')
    await as(ANA, file)(...claim)
    chmodSync(file, 0o600)
    await as(ANA, file)('heartbeat')
    expect(accessOf(file)).toBe(`600 ${TEAM}`)
  })
})

describe('the user’s own board', () => {
  it.each([0o022, 0o000])('is private to the user, with umask %o', async umask => {
    const state = mkdtempSync(join(tmpdir(), 'presence-state-'))
    onTestFinished(() => rmSync(state, { recursive: true, force: true }))
    const said = await presence(claim, { umask, env: { XDG_STATE_HOME: state } })

    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect((statSync(join(state, 'presence')).mode & 0o777).toString(8)).toBe('700')
    expect((statSync(join(state, 'presence/board.db')).mode & 0o777).toString(8)).toBe('600')
    // While a process has it open, this is also true for the files beside it.
    using open = new DatabaseSync(join(state, 'presence/board.db'))
    open.exec("UPDATE presence_claims SET purpose = 'q'")
    for (const name of readdirSync(join(state, 'presence')))
      expect((statSync(join(state, 'presence', name)).mode & 0o777).toString(8), name).toBe('600')
  })
})
