import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CliOptions, PRESENCE, presence } from './support/cli.ts'
import { scratchFolder } from './support/scratch.ts'
import { describeEachEngine, newBoardOn } from './support/servers.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

/** A user with one operation in the outbox of this board. `as` runs the command as that user. */
function newUser(dsn: string, state = scratchFolder(), uid = NOBODY) {
  const folder = join(state, 'presence/queue')
  mkdirSync(folder, { recursive: true })
  const name = encodeURIComponent(dsn.replace(/^.*@/, ''))
  const session = { id: 'ana', user: 'u', host: 'h', agent: 'a' }
  const queued = { id: crypto.randomUUID(), at: Date.now(), session, verb: 'heartbeat' }
  const file = join(folder, `${name}.jsonl`)
  writeFileSync(file, `${JSON.stringify(queued)}\n`)
  for (const each of [state, join(state, 'presence'), folder, file]) chownSync(each, uid, uid)
  const env = { PRESENCE_DSN: dsn, PRESENCE_SESSION_ID: 'ana', XDG_STATE_HOME: state, HOME: state }
  const options: CliOptions = { uid, env }
  return { folder, name, state, as: (...args: string[]) => presence(args, options) }
}

/** A separate file system. `fill` uses up its free space. */
function newDisk(): { folder: string; fill: () => void } {
  const folder = scratchFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  const fill = () => {
    const file = openSync(join(folder, 'ballast'), 'w')
    try {
      for (;;) writeSync(file, Buffer.alloc(4_096))
    } catch {
      // Ignore: the disk is full now, as intended.
    } finally {
      closeSync(file)
    }
  }
  return { folder, fill }
}

describe.skipIf(!isRoot)('doctor reports an outbox that can’t be created on a server’s board', () => {
  const doctor = (state: string) =>
    presence(['doctor'], {
      uid: NOBODY,
      env: {
        PRESENCE_DSN: 'mysql://ana@127.0.0.1:1/board',
        PRESENCE_SESSION_ID: 'ana',
        XDG_STATE_HOME: state,
      },
    })
  it('in a folder that is not writable', async () => {
    const state = scratchFolder()
    chmodSync(state, 0o755)
    expect((await doctor(state)).stdout).toContain(`to fix it: make ${state} writable for you`)
    chownSync(state, NOBODY, NOBODY)
    expect((await doctor(state)).stdout).toContain('ok      outbox: ')
  })

  it('under a file, or in a folder that can’t be entered', async () => {
    const state = scratchFolder()
    expect((await doctor(join(state, 'closed'))).stdout).toMatch(
      /broken {2}outbox: .*EACCES.* writable for you/,
    )
    chmodSync(state, 0o755)
    writeFileSync(join(state, 'presence'), '')
    expect((await doctor(state)).stdout).toMatch(/broken {2}outbox: .*move it away: .*presence\n/)
  })

  it('on a full disk', async () => {
    const disk = newDisk()
    chmodSync(disk.folder, 0o777)
    disk.fill()
    expect((await doctor(disk.folder)).stdout).toMatch(/broken {2}outbox: .*disk is full.*free some room/)
  })

  it('but not for a board in a file, which needs no outbox', async () => {
    const state = scratchFolder()
    const said = await presence(['doctor', '--dsn', `sqlite:${state}/board.db`], {
      env: { XDG_STATE_HOME: '/proc', PRESENCE_SESSION_ID: 'ana' },
    })
    expect(said.stdout).not.toContain('queue')
    expect(said.status).toBe(0)
  })
})

describe('an operation that only half fits on the disk', () => {
  it('G7: damages no operation that was stored before or is stored after it', async () => {
    const state = scratchFolder()
    const env = { PRESENCE_DSN: 'mysql://127.0.0.1:1/none', XDG_STATE_HOME: state }
    const claim = (label: string) => presence(['claim', label, '--purpose', 'p'], { env })
    // The first operation is taken out for delivery and waits. The second is in the file that grows.
    for (const label of ['node:a', 'node:b']) expect((await claim(label)).stderr).toContain('it is queued')
    // A limit on the file size cuts off a write as a full disk does.
    const limited = spawnSync(
      'sh',
      ['-c', 'ulimit -f 2 && exec "$0" claim node:c --purpose "$1"', PRESENCE, 'x'.repeat(4_000)],
      { env: { PATH: process.env['PATH'], HOME: state, ...env }, encoding: 'utf8' },
    )
    expect(limited.stderr).toContain("can't be used (EFBIG)")
    expect(limited.stderr).not.toContain('it is queued')
    expect((await claim('node:d')).stderr).toContain('it is queued')

    const folder = join(state, 'presence/queue')
    const files = readdirSync(folder).filter(file => file.endsWith('.jsonl'))
    const lines = files.flatMap(file => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'))
    expect(lines.map(line => JSON.parse(line).label).sort()).toEqual(['node:a', 'node:b', 'node:d'])
  })
})

describe.skipIf(!isRoot)('an outbox that can’t be used', () => {
  describeEachEngine('G1, G6, G7: prevents no call to a server that is up', engine => {
    const ways: readonly (readonly [string, RegExp, (dsn: string) => ReturnType<typeof newUser>])[] = [
      [
        'of another user',
        /chown -R/,
        dsn => {
          const user = newUser(dsn)
          chownSync(user.folder, 0, 0)
          chmodSync(user.folder, 0o700)
          return user
        },
      ],
      [
        'that is read-only',
        /chown -R/,
        dsn => {
          const user = newUser(dsn)
          chownSync(user.folder, 0, 0)
          chmodSync(user.folder, 0o755)
          return user
        },
      ],
      [
        'on a full disk',
        /free some room/,
        dsn => {
          const disk = newDisk()
          const user = newUser(dsn, disk.folder)
          disk.fill()
          return user
        },
      ],
      [
        'with a folder in the place of its file',
        /move it away/,
        dsn => {
          const user = newUser(dsn)
          mkdirSync(join(user.folder, `${user.name}.taken.jsonl`))
          return user
        },
      ],
    ]
    it.each(ways)('%s', async (_, remedy, newUserOn) => {
      const { dsn } = await newBoardOn(engine.port)
      const user = newUserOn(dsn)
      const noted = (stderr: string) => {
        expect(stderr).toContain(`presence: note: the outbox in ${user.folder} can't be used`)
        expect(stderr).toMatch(new RegExp(`^presence: hint: .*${remedy.source}`, 'm'))
        expect(stderr).not.toMatch(/warning|unknown since|report it/)
      }

      const claimed = await user.as('claim', 'node:a', '--purpose', 'p')
      expect(claimed).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^presence: claimed node:a until .*\n$/),
      })
      noted(claimed.stderr)
      const listed = await user.as('list')
      expect(listed.stdout).toContain('node:a')
      noted(listed.stderr)
      noted((await user.as('heartbeat')).stderr)
      expect((await user.as('release', 'node:a')).stdout).toContain('released')

      const synced = await user.as('sync')
      expect(synced).toMatchObject({ status: 2, stdout: '' })
      expect(synced.stderr).toMatch(/^presence: error: the outbox in /)

      const looked = await user.as('doctor')
      expect(looked.status).toBe(3)
      expect(looked.stdout).toMatch(new RegExp(`broken  outbox: .*can't be used.*${remedy.source}`))
      expect(looked.stdout).toMatch(/ok {6}board: .*answers\n/)
      expect(looked.stdout).toMatch(/ok {6}grants: /)
      expect(looked.stdout).not.toMatch(/report it/)
    })
  })
})
