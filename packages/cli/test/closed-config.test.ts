import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { presence } from '../../../e2e/support/cli.ts'

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

/** A folder of this user that everybody may read. */
function newFolder(uid: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-closed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  chownSync(folder, uid, uid)
  return folder
}

/** A config file that names another board; root owns it. */
function writeConfig(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify({ dsn: 'mysql://127.0.0.1:1/team' }))
}

/** Runs the command as a user who isn't root, with a state folder of that user. */
function asNobody(home: string, cwd: string) {
  const env = { HOME: home, XDG_STATE_HOME: newFolder(NOBODY), PRESENCE_SESSION_ID: 'ana' }
  return (...args: string[]) => presence(args, { uid: NOBODY, cwd, env })
}

const CLAIM = ['claim', 'node:a', '--purpose', 'p']

describe.skipIf(!isRoot)(
  'G1: a config file that can’t be read never silently sends a claim to another board',
  () => {
    /** Checks that no verb makes a claim, and that doctor says why. */
    async function expectRefused(as: ReturnType<typeof asNobody>, path: string): Promise<void> {
      for (const verb of [CLAIM, ['list'], ['migrate']]) {
        const said = await as(...verb)
        expect(said, verb.join(' ')).toMatchObject({ status: 2, stdout: '' })
        expect(said.stderr).toContain(`${path} can't be read (EACCES)`)
      }
      const looked = await as('doctor')
      expect(looked.status).toBe(2)
      expect(looked.stdout).toMatch(/broken {2}config: .* can't be read \(EACCES\)/)
    }

    it('if it is the user’s own and belongs to root', async () => {
      const home = newFolder(NOBODY)
      const path = join(home, '.config/presence/config.json')
      writeConfig(path)
      chmodSync(path, 0o600)
      await expectRefused(asNobody(home, '/'), path)
      chmodSync(dirname(path), 0o700)
      await expectRefused(asNobody(home, '/'), path)
    })

    it('if it is a project’s in a folder of another user', async () => {
      const project = newFolder(0)
      const path = join(project, '.presence/config.json')
      writeConfig(path)
      chmodSync(dirname(path), 0o700)
      mkdirSync(join(project, 'src'))
      await expectRefused(asNobody(newFolder(NOBODY), join(project, 'src')), path)
    })

    /**
     * Checks that the claim is made on the embedded board with a note about the skipped file, and that there
     * is no note if a DSN is given.
     */
    async function expectNoted(as: ReturnType<typeof asNobody>, message: RegExp): Promise<void> {
      const claimed = await as(...CLAIM)
      expect(claimed).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^presence: claimed node:a until .*\n$/),
      })
      expect(claimed.stderr).toMatch(new RegExp(`^presence: note: ${message.source}`))
      expect(claimed.stderr).toMatch(/^presence: hint: .*PRESENCE_DSN/m)
      expect((await as('migrate')).stderr).toMatch(message)
      const looked = await as('doctor')
      expect(looked.status).toBe(0)
      expect(looked.stdout).toMatch(new RegExp(`note {4}config: ${message.source}`))
      expect(looked.stdout).not.toContain('no config file in')
      const file = join(newFolder(NOBODY), 'board.db')
      expect((await as('list', '--dsn', `sqlite:${file}`)).stderr).toBe('')
    }

    it('if it is below another user’s home', async () => {
      const home = newFolder(0)
      writeConfig(join(home, '.config/presence/config.json'))
      chmodSync(home, 0o700)
      await expectNoted(asNobody(home, '/'), /.*config.json is ignored: .*another user's home/)
    })

    it('if it is a project’s in a folder that can’t be read', async () => {
      const closed = newFolder(0)
      writeConfig(join(closed, '.presence/config.json'))
      mkdirSync(join(closed, 'deep/er'), { recursive: true })
      chmodSync(closed, 0o700)
      const as = asNobody(newFolder(NOBODY), join(closed, 'deep/er'))
      await expectNoted(as, new RegExp(`you can.t look into ${closed}, `))
    })
  },
)
