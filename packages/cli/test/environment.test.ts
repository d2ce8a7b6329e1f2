import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../../e2e/support/cli.ts'
import { LAUNCHERS, PATH } from '../../../e2e/support/launchers.ts'
import { scratchFolder } from '../../../e2e/support/scratch.ts'

const CLAIM = ['--claim', 'node:r', '--purpose', 'x'] as const
const isRoot = process.getuid?.() === 0

type Environment = Readonly<Record<string, string | undefined>>

/** Runs presence from a shell, on a board of its own. `$0` is presence. */
function newPlace(launcher: string) {
  const folder = scratchFolder()
  const env = {
    PATH,
    HOME: scratchFolder(),
    PRESENCE_DSN: `sqlite:${folder}/board.db`,
    PRESENCE_SESSION_ID: 'ana',
  }
  return {
    folder,
    sh: (script: string, more: Environment = {}) =>
      run('/bin/sh', ['-c', script, launcher], { env: { ...env, ...more }, cwd: folder, within: 20_000 }),
    presence: (args: readonly string[], more: Environment = {}) =>
      run(launcher, args, { env: { ...env, ...more }, cwd: folder, within: 20_000 }),
    ran: () => existsSync(join(folder, 'ran')),
  }
}

const RUN = `"$0" run ${CLAIM.join(' ')} -- `

describe.each(LAUNCHERS)('H8: %s, beside settings for other Node programs,', (_, launcher) => {
  it.each<[string, string]>([
    ['NODE_OPTIONS', '--require /gone.js'],
    ['NODE_OPTIONS', '--import /gone.mjs'],
    ['NODE_OPTIONS', '--max-old-space-size=broken'],
    ['NODE_OPTIONS', '--no-such-option'],
    ['NODE_OPTIONS', '--inspect-brk=127.0.0.1:0'],
    ['NODE_OPTIONS', '--require \'/with blanks/and "quotes".js\' --conditions=a$b`c`'],
    ['NODE_V8_COVERAGE', '/proc/no/folder'],
    ['NODE_COMPILE_CACHE', '/proc/no/folder'],
    ['NODE_DEBUG', 'module,net,http,child_process'],
    ['NODE_DEBUG_NATIVE', 'MKSNAPSHOT'],
    ['NODE_ICU_DATA', '/gone'],
    ['NODE_NO_WARNINGS', '1'],
    ['NODE_PATH', '/gone'],
    ['NODE_EXTRA_CA_CERTS', '/gone.pem'],
    ['NODE_TEST_CONTEXT', 'child-v8'],
    ['NODE_UNIQUE_ID', '1'],
  ])('works with %s=%s, and hands it on to its command', async (name, value) => {
    const place = newPlace(launcher)
    const command = ['sh', '-c', `printf %s "$${name}"; env | grep -c PRESENCE_KEPT >&2; exit 7`]
    const said = await place.presence(['run', ...CLAIM, '--', ...command], { [name]: value })
    expect(said).toEqual({ status: 7, stdout: value, stderr: '0\n' })
    const listed = await place.presence(['list', '--json'], { [name]: value })
    expect(listed).toEqual({ status: 0, stdout: '[]\n', stderr: '' })
    const hooked = await place.presence(['hook', 'UserPromptSubmit'], { [name]: value })
    expect(hooked).toMatchObject({ status: 0, stderr: '' })
  })

  it('drops the number of a channel that a parent has closed', async () => {
    const place = newPlace(launcher)
    for (const channel of ['7', '0', 'x']) {
      const said = await place.presence(['run', ...CLAIM, '--', 'true'], { NODE_CHANNEL_FD: channel })
      expect(said, channel).toEqual({ status: 0, stdout: '', stderr: '' })
    }
  })

  it('gives its command only what was set for it: no cache of its own, and no variable changed', async () => {
    const place = newPlace(launcher)
    const names = ['self', 'cli', 'node', 'cache', 'root', 'taken', 'id', 'state', 'stamp', 'name', 'value']
    const own = Object.fromEntries(names.map(name => [name, `the user's ${name}`]))
    const said = await place.presence(['run', ...CLAIM, '--', 'env'], own)
    for (const name of names) expect(said.stdout).toContain(`${name}=the user's ${name}\n`)
    expect(said.stdout).not.toMatch(/^(NODE_|PRESENCE_(KEPT|IGNORED|WITHOUT))/m)
  })
})

describe.each(LAUNCHERS)('%s runs the command of a shared run', (_, launcher) => {
  it.each<[what: string, script: string, env?: Environment]>([
    ['with standard input closed', `${RUN} touch ran <&-`],
    ['with standard output closed', `${RUN} touch ran >&-`],
    ['with standard error closed', `${RUN} touch ran 2>&-`],
    ['with all three closed', `${RUN} touch ran <&- >&- 2>&-`],
    ['with a full disk behind its output', `${RUN} touch ran >/dev/full 2>&1`],
    ['without a PATH', `unset PATH; ${RUN} /usr/bin/touch ran`],
    ['with a PATH that leads nowhere', `PATH=/gone; export PATH; ${RUN} /usr/bin/touch ran`],
    ['without a folder for temporary files', `${RUN} touch ran`, { TMPDIR: '/gone' }],
    ['in the C locale', `${RUN} touch ran`, { LANG: 'C', LC_ALL: 'C' }],
    ['in a locale that is not there', `${RUN} touch ran`, { LC_ALL: 'xx_YY.UTF-8' }],
    ['without a terminal type', `unset TERM; ${RUN} touch ran`],
    ['with few open files', `ulimit -n 40; ${RUN} touch ran`],
    ['with too few open files for Node', `ulimit -n 20; ${RUN} touch ran`],
    ['with too little memory for Node', `ulimit -v 600000; ${RUN} touch ran`],
    ['without core files', `ulimit -c 0; ${RUN} touch ran`],
    ['where no file may grow', `ulimit -f 0; ${RUN} mkdir ran`],
    ['with a small stack', `ulimit -s 256; ${RUN} touch ran`],
    ['in a folder that was deleted', `p=$PWD; mkdir gone; cd gone; rmdir ../gone; ${RUN} touch "$p/ran"`],
  ])('%s', async (_, script, env) => {
    const place = newPlace(launcher)
    const said = await place.sh(script, env)
    expect(place.ran(), said.stderr).toBe(true)
    expect(said.status, said.stderr).toBe(0)
  })

  it.skipIf(!isRoot)('in a folder that its user can’t read (made by root)', async () => {
    const place = newPlace(launcher)
    const [outer, board] = [scratchFolder(), scratchFolder()]
    mkdirSync(join(outer, 'closed'), { mode: 0o700 })
    const script = `chmod 711 ${outer}; chmod 777 ${board}; cd ${outer}/closed; exec setpriv --reuid=12345 --regid=12345 --clear-groups "$0" run ${CLAIM.join(' ')} -- touch ${board}/ran`
    const said = await place.sh(script, { PRESENCE_DSN: `sqlite:${board}/board.db` })
    expect(said).toMatchObject({ status: 0 })
    expect(existsSync(join(board, 'ran'))).toBe(true)
  })

  it.each<[what: string, limit: string]>([
    ['too few open files', 'ulimit -n 20'],
    ['too little memory', 'ulimit -v 600000'],
  ])(
    'and says that nothing is claimed with %s for Node, but runs nothing under --exclusive',
    async (_, limit) => {
      const place = newPlace(launcher)
      expect(await place.sh(`${limit}; ${RUN} sh -c 'exit 7'`)).toMatchObject({
        status: 7,
        stderr: expect.stringMatching(
          /^presence: NOT claimed node:r: Node can't start with .* \(ulimit -[nv]\); raise the limit\n$/,
        ),
      })
      const said = await place.sh(`${limit}; "$0" run --exclusive ${CLAIM.join(' ')} -- touch ran`)
      expect(said).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^presence: NOT claimed node:r: Node can't start/),
      })
      expect(place.ran()).toBe(false)
    },
  )
})

describe('the command of one file, without a Node that can run it,', () => {
  const launcher = LAUNCHERS[1]?.[1] ?? ''
  /** Folders for a PATH: without Node, and with an old one. */
  function newPath(node?: string) {
    const folder = scratchFolder()
    if (node !== undefined) writeFileSync(join(folder, 'node'), node, { mode: 0o755 })
    return folder
  }
  const old = () => {
    const faked = join(scratchFolder(), 'old.cjs')
    writeFileSync(faked, 'Object.defineProperty(process.versions, "node", { value: "20.19.0" })')
    return newPath(`#!/bin/sh\nexec ${process.execPath} --require ${faked} "$@"\n`)
  }

  it.each<[what: string, path: () => string, why: RegExp]>([
    ['because there is none', () => newPath(), /there is no node on PATH/],
    ['because it is too old', old, /Node 20\.19\.0 is too old/],
  ])('%s, runs the command of a shared run, and nothing else', async (_, path, why) => {
    const place = newPlace(launcher)
    const env = { PATH: path(), NODE_OPTIONS: '--require /gone.js', NODE_COMPILE_CACHE: '/the/users' }
    const shows = '/bin/echo "$NODE_OPTIONS $NODE_COMPILE_CACHE $NODE_NO_WARNINGS"; exit 7'
    const command = ['/bin/sh', '-c', shows]
    const cases: readonly (readonly [labels: string, args: readonly string[]])[] = [
      ['node:r', ['run', ...CLAIM, '--', ...command]],
      ['node:r', ['run', ...CLAIM, ...command]],
      ['node:r', ['--session', 'run', '--dsn=sqlite:x', 'run', ...CLAIM, ...command]],
      [
        'node:r, infra:b c',
        [
          'run',
          '--claim=node:r',
          '--claim',
          'infra:b c',
          '--purpose=x y',
          '--ttl',
          '5m',
          '--wait=1s',
          '--',
          ...command,
        ],
      ],
    ]
    for (const [labels, args] of cases) {
      const said = await place.presence(args, env)
      expect(said, args.join(' ')).toMatchObject({ status: 7, stdout: '--require /gone.js /the/users \n' })
      expect(said.stderr).toMatch(new RegExp(`^presence: NOT claimed ${labels}: ${why.source}`))
      expect(said.stderr.split('\n')).toHaveLength(2)
    }
    for (const args of [
      ['run', '--exclusive', ...CLAIM, '--', 'touch', 'ran'],
      ['run', ...CLAIM, '--strict', '--', 'touch', 'ran'],
      ['--strict', 'run', ...CLAIM, '--', 'touch', 'ran'],
      ['run', '--claim', 'node:r', '--', 'touch', 'ran'],
      ['run', '--purpose', 'x', '--', 'touch', 'ran'],
      ['run', ...CLAIM, '--nonsense', 'touch', 'ran'],
      ['run', ...CLAIM],
      ['run', '--claim'],
      ['run'],
      ['list'],
      ['claim', 'run', '--purpose', 'x'],
      [],
    ]) {
      const said = await place.presence(args, env)
      expect(said, args.join(' ')).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(why),
      })
      expect(said.stderr).toMatch(/^presence: (NOT claimed \S+: )?(there is no node|Node 20)[^\n]*\n$/)
    }
    expect(place.ran()).toBe(false)
  })

  it('ends as its command does that a signal ends', async () => {
    const said = await newPlace(launcher).presence(
      ['run', ...CLAIM, '--', '/bin/sh', '-c', 'kill -TERM $$'],
      { PATH: old() },
    )
    expect(said.status ?? 'signal').toBe('signal')
  })
})
