import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CliResult, run } from '../../../e2e/support/cli.ts'
import { LAUNCHERS, PATH } from '../../../e2e/support/launchers.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { hook } from '../../hooks/test/hook-process.ts'

const isRoot = process.getuid?.() === 0
/** A user id that the system has no name and no home for. */
const UID = 12_345
const NOBODY = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups']
const CLAIM = ['--claim', 'node:r', '--purpose', 'x'] as const

type Environment = Readonly<Record<string, string | undefined>>

/** Runs presence in a folder that every user may write to, as a user without a name if `uid` is set. */
function newPlace(launcher: string) {
  const folder = scratchFolder()
  chmodSync(folder, 0o777)
  const as = (prefix: readonly string[], args: readonly string[], env: Environment): Promise<CliResult> => {
    const [program = launcher, ...before] = [...prefix, launcher]
    // Git, bd and others aren't asked; nothing of the tests' own environment counts.
    return run(program, [...before, ...args], { env: { PATH, ...env }, cwd: folder, within: 20_000 })
  }
  return {
    folder,
    ran: () => existsSync(join(folder, 'it-ran')),
    nobody: (args: readonly string[], env: Environment) => as(NOBODY, args, env),
    me: (args: readonly string[], env: Environment) => as([], args, env),
  }
}

/** Everything that HOME may be, as variables. A folder that is made belongs to the one who runs the tests. */
const HOMES: readonly (readonly [what: string, make: (folder: string) => Environment])[] = [
  ['unset', () => ({})],
  ['empty', () => ({ HOME: '' })],
  ['relative', () => ({ HOME: 'some/where' })],
  ['a dot', () => ({ HOME: '.' })],
  ['not there', () => ({ HOME: '/nonexistent' })],
  ['no folder', () => ({ HOME: '/dev/null' })],
  ['in a file system without folders of one’s own', () => ({ HOME: '/proc/1' })],
  ['a file', folder => ({ HOME: made(folder, 'file') })],
  ['closed', folder => ({ HOME: made(folder, 'closed', 0o700) })],
  ['read-only', folder => ({ HOME: made(folder, 'read-only', 0o555) })],
  [
    'unset, beside a state folder that can’t be written',
    folder => ({ XDG_STATE_HOME: made(folder, 'state', 0o555) }),
  ],
  ['unset, beside a relative state folder', () => ({ XDG_STATE_HOME: 'state', XDG_CONFIG_HOME: 'config' })],
]

function made(folder: string, name: string, mode?: number): string {
  const path = join(folder, name)
  if (mode === undefined) writeFileSync(path, '')
  else mkdirSync(path, { mode })
  return path
}

describe.each(LAUNCHERS)('%s', (_, launcher) => {
  describe.skipIf(!isRoot)('H3: a user without a home (made by root), where HOME is', () => {
    it.each(HOMES)('%s: runs a command, and needs no home with a DSN', async (_, make) => {
      const place = newPlace(launcher)
      const env = { ...make(place.folder), PRESENCE_SESSION_ID: 'ci' }
      const board = { ...env, PRESENCE_DSN: `sqlite:${place.folder}/b.db` }
      const command = ['run', ...CLAIM, '--', 'sh', '-c', 'touch it-ran; exit 7']
      expect(await place.nobody(command, board)).toEqual({ status: 7, stdout: '', stderr: '' })
      expect(place.ran()).toBe(true)
      expect(await place.nobody(['claim', ...CLAIM.slice(1)], board)).toMatchObject({ status: 0 })
      expect(await place.nobody(['list', '--json'], board)).toMatchObject({ status: 0, stderr: '' })
      expect((await place.nobody(['doctor'], board)).stdout).toContain('nothing is broken')
    })

    it.each(HOMES)('%s: says clearly that the embedded board can’t be used', async (_, make) => {
      const place = newPlace(launcher)
      const env = { ...make(place.folder), PRESENCE_SESSION_ID: 'ci' }
      for (const verb of [
        ['list'],
        ['claim', ...CLAIM.slice(1)],
        ['claim', '--exclusive', ...CLAIM.slice(1)],
        ['doctor'],
      ]) {
        const said = await place.nobody(verb, env)
        const text = said.stdout + said.stderr
        expect(said.status, text).toBe(verb[0] === 'list' && said.stdout !== '' ? 0 : 2)
        expect(text).not.toMatch(/uv_os|\n\s+at |report it/)
        if (said.status === 2) expect(text).toMatch(/(hint|to fix it): .*(HOME|PRESENCE_DSN|writable)/)
      }
      const command = ['run', ...CLAIM, '--', 'sh', '-c', 'touch it-ran; exit 7']
      const ran = await place.nobody(command, env)
      expect(ran).toMatchObject({
        status: 7,
        stderr: expect.stringMatching(/^presence: NOT claimed node:r: /),
      })
      expect(place.ran()).toBe(true)
      const exclusive = await place.nobody(['run', '--exclusive', ...CLAIM, '--', 'touch', 'twice'], env)
      expect(exclusive).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^presence: NOT claimed node:r: /),
      })
      expect(readdirSync(place.folder)).not.toContain('twice')
    })

    it.each(HOMES)('%s: its agent’s hooks exit 0, and tell what is unknown', async (_, make) => {
      const { folder } = newPlace(launcher)
      const ask = (event: string, env: Environment) =>
        hook({
          launcher: [...NOBODY, launcher, 'hook'],
          args: [event],
          input: JSON.stringify({ session_id: 's1', cwd: folder, prompt: 'go', tool_name: 'Bash' }),
          env: { PATH, ...env },
          killedAfterMs: 20_000,
        })
      const env = make(folder)
      for (const event of ['PostToolUse', 'SessionEnd'])
        expect(await ask(event, env), event).toEqual({ status: 0, stdout: '', stderr: '' })
      for (const event of ['SessionStart', 'UserPromptSubmit']) {
        const said = await ask(event, env)
        expect(said, event).toMatchObject({ status: 0, stderr: '' })
        expect(said.stdout, event).toMatch(/Presence board: .*(can't be used here|unknown since)/)
        const onBoard = await ask(event, { ...env, PRESENCE_DSN: `sqlite:${folder}/b.db` })
        expect(onBoard, event).toMatchObject({ status: 0, stderr: '' })
        expect(onBoard.stdout, event).not.toMatch(/can't be used|unknown/)
      }
    })

    it('says once that the outbox can’t be used, and what to set', async () => {
      const place = newPlace(launcher)
      const env = { PRESENCE_DSN: 'mysql://u@127.0.0.1:1/x', PRESENCE_SESSION_ID: 'ci' }
      for (const verb of [
        ['claim', 'node:r', '--purpose', 'x'],
        ['run', ...CLAIM, '--', 'touch', 'it-ran'],
      ]) {
        const said = await place.nobody(verb, env)
        expect(said).toMatchObject({
          status: 0,
          stderr: expect.stringMatching(/^presence: NOT claimed node:r: dolt/),
        })
        expect(said.stderr.match(/there is no folder for the outbox/g)).toHaveLength(1)
        expect(said.stderr).toContain('hint: set HOME or XDG_STATE_HOME\n')
      }
      expect(place.ran()).toBe(true)
    })

    it('gets from each other verb the code and the remedy, and no board in the working folder', async () => {
      const place = newPlace(launcher)
      for (const [verb, hint] of [
        ['init --user --dsn sqlite:/b.db', 'set HOME or XDG_CONFIG_HOME'],
        ['init --user --hooks codex', 'set HOME'],
        ['init --user --mcp codex', 'set HOME'],
        ['token add ana --as ana', 'name the file: --file, or set HOME'],
        ['list', 'set HOME or XDG_STATE_HOME, or name the board: PRESENCE_DSN'],
        ['serve --port 0', 'set HOME or XDG_STATE_HOME, or name the board: PRESENCE_DSN'],
        ['migrate', 'set HOME or XDG_STATE_HOME, or name the board: PRESENCE_DSN'],
      ] as const) {
        const said = await place.nobody([...verb.split(' '), '--json'], {})
        expect(said, verb).toMatchObject({ status: 2, stderr: expect.stringContaining(`hint: ${hint}`) })
        expect(JSON.parse(said.stdout), verb).toMatchObject({
          error: { code: 'invalid_config', remedy: hint },
        })
      }
      expect(await place.nobody(['statusline', '--agent-session', 'a'], {})).toMatchObject({ status: 0 })
      expect(await place.nobody(['doctor', '--hooks'], {})).toMatchObject({ status: 0 })
      expect(await place.nobody(['doctor', '--mcp'], {})).toMatchObject({ status: 0 })
      expect(readdirSync(place.folder)).toEqual([])
    })
  })

  it.each<[string, string]>([
    ['empty', ''],
    ['relative', 'rel/ative'],
    ['a dot', '.'],
    ['a tilde', '~'],
  ])('H4: never makes a board in the working folder, where HOME is %s', async (_, home) => {
    const [one, other] = [newPlace(launcher), newPlace(launcher)]
    const claim = ['claim', '--exclusive', ...CLAIM.slice(1)]
    // The state folder keeps this test out of the home of the user who runs it.
    const state = scratchFolder()
    const env = (session: string) => ({ HOME: home, XDG_STATE_HOME: state, PRESENCE_SESSION_ID: session })
    expect(await one.me(claim, env('ana'))).toMatchObject({ status: 0 })
    expect(await other.me(claim, env('bob'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ana'),
    })
    expect(await one.me(['hook', 'SessionStart'], env('ana'))).toMatchObject({ status: 0 })
    if (isRoot) {
      const { XDG_STATE_HOME: _, ...rest } = env('eve')
      for (const place of [one, other]) expect(await place.nobody(claim, rest)).toMatchObject({ status: 2 })
    }
    for (const { folder } of [one, other]) expect(readdirSync(folder)).toEqual([])
  })

  it.each<[string, (folder: string) => string]>([
    ['with a slash at its end', folder => `${folder}/home/`],
    ['with several slashes', folder => `//${folder}///home`],
    ['with a line break', folder => `${folder}/ho\nme`],
    ['with blanks and quotes', folder => `${folder}/it's "my" home`],
    ['with a dollar', folder => `${folder}/$HOME`],
  ])('keeps its board in a HOME %s', async (_, make) => {
    const place = newPlace(launcher)
    const home = make(place.folder)
    mkdirSync(home)
    const env = { HOME: home, PRESENCE_SESSION_ID: 'ana' }
    expect(await place.me(['claim', ...CLAIM.slice(1)], env)).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(join(home, '.local/state/presence/board.db'))).toBe(true)
    expect(readdirSync(home).toSorted()).toEqual(['.cache', '.local'])
    expect(readdirSync(place.folder)).toHaveLength(1)
  })
})
