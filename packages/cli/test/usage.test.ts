import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type CliResult, presence } from '../../../e2e/support/cli.ts'
import { Running } from '../../../e2e/support/running.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/**
 * How the output of a verb's example begins, for the verbs whose output is not one of presence's own
 * messages.
 */
const PRINTS: Readonly<Record<string, RegExp>> = {
  init: /^\{\n/,
  completion: /^# presence: /,
  run: /^drained\n/,
}
/** Runs the command and interrupts it after its first line. */
async function interrupted(args: readonly string[], env: Record<string, string>): Promise<CliResult> {
  await using running = new Running(args, env)
  await running.line(/./)
  return await running.end()
}

const VERBS = [
  'claim',
  'heartbeat',
  'release',
  'list',
  'peek',
  'who',
  'status',
  'message',
  'component',
  'workflow',
  'item',
  'watch',
  'sync',
  'run',
  'migrate',
  'doctor',
  'setup',
  'init',
  'trust',
  'completion',
]
/** Verbs that run until they are interrupted. */
const ENDLESS = ['watch']
const LONG = 'x'.repeat(251)

describe('bad input is a clear error with a remedy and exit 2, and nothing is written', () => {
  it.each([
    ['no purpose', ['claim', 'node:a'], /needs a purpose/, /--purpose/],
    ['a blank purpose', ['claim', 'node:a', '--purpose', ' '], /needs a purpose/, /--purpose/],
    [
      'a purpose of 4,001 characters',
      ['claim', 'node:a', '--purpose', 'x'.repeat(4_001)],
      /4001 characters/,
      /shorten/,
    ],
    ['a label without a kind', ['claim', 'k8s-1', '--purpose', 'p'], /"k8s-1" has no kind/, /infra:k8s-1/],
    ['a label without a name', ['claim', 'node:', '--purpose', 'p'], /"node:" has no name/, /node:/],
    ['an unknown kind', ['claim', 'nod:a', '--purpose', 'p'], /no known kind/, /did you mean node:a\?/],
    ['a label with a control character', ['claim', 'node:a\u001b[2J', '--purpose', 'p'], /control/, /node:/],
    ['a label of 256 characters', ['claim', `node:${LONG}`, '--purpose', 'p'], /256 characters/, /kind:name/],
    [
      'a pvc without its namespace',
      ['claim', 'pvc:data', '--purpose', 'p'],
      /pvc without its namespace/,
      /pvc:default\/data/,
    ],
    ['a ttl of 0', ['claim', 'node:a', '--purpose', 'p', '--ttl', '0'], /ttl "0"/, /15m/],
    ['a negative ttl', ['claim', 'node:a', '--purpose', 'p', '--ttl=-5'], /ttl "-5"/, /15m/],
    ['a ttl over a day', ['claim', 'node:a', '--purpose', 'p', '--ttl', '25h'], /longer than a day/, /24h/],
    [
      'a ttl that is no duration',
      ['claim', 'node:a', '--purpose', 'p', '--ttl', 'soon'],
      /not a duration/,
      /15m/,
    ],
    ['a session id of 129 characters', ['list', '--session', 'x'.repeat(129)], /129 characters/, /short id/],
    ['a session id with a control character', ['list', '--session', 'a\nb'], /control/, /short id/],
    ['a blank session id', ['list', '--session', ' '], /blank/, /--session: .*short id/],
    ['an unknown verb', ['clam'], /unknown command 'clam'/, /claim/],
    ['an unknown option', ['claim', 'node:a', '--purpos', 'p'], /unknown option '--purpos'/, /--purpose/],
    ['a kind that isn’t one', ['list', '--kind', 'nods'], /no kind "nods"/, /did you mean node\?/],
    ['release of nothing', ['release'], /a label, or --all-mine/, /presence release/],
    ['init of nothing', ['init'], /--dsn or --kind/, /presence init --dsn/],
    ['init with a kind that can’t be one', ['init', '--kind', 'My Kind'], /"My Kind"/, /lower-case/],
    ['init with a bad DSN', ['init', '--dsn', 'mysql://u:s3cret@h'], /names no database/, /mysql:\/\//],
    [
      'init of a project with a password',
      ['init', '--dsn', 'mysql://u:s3cret@h/d'],
      /contains a password/,
      /PRESENCE_DSN.*--user/,
    ],
    ['completion for another shell', ['completion', 'tcsh'], /bash, zsh, fish/, /--help/],
    ['release of both', ['release', 'node:a', '--all-mine'], /not both/, /presence release/],
    ['list of mine and all', ['list', '--mine', '--all'], /cannot be used with/, /--help/],
    ['a DSN without a scheme', ['list', '--dsn', 'board'], /no scheme/, /mysql:\/\//],
    [
      'a DSN of another scheme',
      ['list', '--dsn', 'postgres://h/d'],
      /"postgres" is not one of/,
      /mysql:\/\//,
    ],
    ['a DSN without a host', ['list', '--dsn', 'mysql:///d'], /names no host|not a URL/, /mysql:\/\//],
    ['a DSN without a database', ['list', '--dsn', 'mysql://u:s3cret@h'], /names no database/, /mysql:\/\//],
    ['a DSN with a bad port', ['list', '--dsn', 'mysql://u:s3cret@h:99999/d'], /port/, /mysql:\/\//],
    ['a DSN with an unknown parameter', ['list', '--dsn', 'mysql://h/d?brunch=x'], /"brunch"/, /branch/],
    ['too many arguments', ['watch', 'node:a', 'node:b'], /too many arguments/, /see: presence watch --help/],
  ])('%s', async (_, args, message, remedy) => {
    const folder = newFolder()

    const said = await presence(args, { env: { XDG_STATE_HOME: folder } })

    expect(said.status).toBe(2)
    expect(said.stdout).toBe('')
    expect(said.stderr).toMatch(message)
    expect(said.stderr).toMatch(remedy)
    expect(said.stderr).not.toContain('s3cret')
    expect(said.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('is an object with code, message and remedy under --json', async () => {
    const { status, stdout } = await presence(['claim', 'nod:a', '--purpose', 'p', '--json'])
    expect(status).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'invalid_label',
        message: expect.any(String),
        remedy: 'did you mean node:a? to add the kind: presence init --kind nod',
      },
    })
  })

  it.each([
    [['claim', 'node:q', '--purpose', 'x', '--over-shared'], 'node:q', '--over-shared requires'],
    [['claim', 'node:q', '--purpose', 'x', '--bogus'], 'node:q', "unknown option '--bogus'"],
    [['--dsn', 'sqlite:b', 'claim', '--ttl', '5m', 'node:q', '--bogus'], 'node:q', 'unknown option'],
    [['claim', 'node:q', 'node:r', '--bogus'], 'node:q, node:r', 'unknown option'],
    [['steal', 'node:q', 'node:r', '--reason', 'x'], 'node:q, node:r', 'too many arguments'],
    [['claim', 'node:q', 'drain', 'it', '--purpose'], 'node:q', "option '--purpose <text>' argument missing"],
    [['claim', '--bogus', '--', 'node:q'], 'node:q', 'unknown option'],
    [['claim', 'node:q\u001b[2J', '--bogus'], 'node:q\ufffd[2J', 'unknown option'],
    [['steal', 'node:q', '--bogus'], 'node:q', 'unknown option'],
    [['run', '--claim', 'node:q', '--claim=node:r', '--bogus', 'true'], 'node:q, node:r', 'unknown option'],
    [['run', '--claim', 'node:q', '--purpose', 'x'], 'node:q', 'run needs a command'],
  ])('%j says that nothing is claimed', async (args, labels, words) => {
    const said = await presence(args, { cwd: newFolder() })
    expect(said).toMatchObject({ status: 2, stdout: '' })
    expect(said.stderr.startsWith(`presence: NOT claimed ${labels}: ${words}`), said.stderr).toBe(true)
    if (args[0] === 'run') return
    const { stdout } = await presence(['--json', ...args], { cwd: newFolder() })
    expect(JSON.parse(stdout).error.code).toBe('usage')
    expect(JSON.parse(stdout).error.message).toContain(words)
  })

  it.each([
    [['claim'], 'presence claim --help'],
    [['claim', 'node:a', '--bogus'], 'presence claim --help'],
    [['--dsn', 'sqlite:x', 'claim', '--ttl'], 'presence claim --help'],
    [['log', '--limit', 'x'], 'presence log --help'],
    [['item', 'set'], 'presence item set --help'],
    [['item', 'set', 'x', '--status', 'done'], 'presence item set --help'],
    [['item', '--bogus', 'set', 'x'], 'presence item set --help'],
    [['item', 'sett'], 'presence item --help'],
    [['session', 'start'], 'presence session start --help'],
    [['run', '--bogus'], 'presence run --help'],
    [['clam'], 'presence --help'],
  ])('%j names the help of its own verb', async (args, help) => {
    const said = await presence(args, { cwd: newFolder() })
    expect(said.status).toBe(2)
    expect(said.stderr.split('\n')).toContain(`presence: see: ${help}`)
    if (args[0] === 'run') return
    const { stdout } = await presence(['--json', ...args], { cwd: newFolder() })
    expect(JSON.parse(stdout).error.remedy).toBe(`see: ${help}`)
  })

  it.each([[['claim', '--bogus']], [['list', 'node:q', '--bogus']], [['run', '--bogus', '--claim']]])(
    '%j names no label that it was not given',
    async args => {
      expect((await presence(args)).stderr).toMatch(/^presence: (unknown|missing|option|too many)/)
    },
  )

  it.each([
    ['is not JSON', '{', /is not JSON/],
    ['has an unknown key', '{"dns": "x"}', /unknown key "dns"; did you mean dsn\?/],
    ['has a DSN that is not text', '{"dsn": 1}', /dsn must be a string/],
  ])('a config file that %s is named', async (_, text, message) => {
    const folder = newFolder()
    mkdirSync(join(folder, '.presence'))
    writeFileSync(join(folder, '.presence/config.json'), text)

    const { status, stderr } = await presence(['list'], { cwd: folder, env: { XDG_STATE_HOME: folder } })

    expect(status).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr).toContain('.presence/config.json')
  })
})

describe('help', () => {
  it('lists every verb, and --version prints the version', async () => {
    const { status, stdout } = await presence(['--help'])
    expect(status).toBe(0)
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^ {2}${verb} `, 'm'))
    expect((await presence(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each(VERBS)('of %s has an example that works', async verb => {
    const { stdout } = await presence([verb, '--help'])
    const example = /Example: presence (.*)/.exec(stdout)?.[1] ?? ''
    const args = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? '')
    expect(args[0]).toBe(verb)

    const env = { XDG_STATE_HOME: newFolder() }
    const said = await (ENDLESS.includes(verb) ? interrupted(args, env) : presence(args, { env }))

    expect(said).toMatchObject({ status: 0, stderr: '' })
    expect(said.stdout).toMatch(PRINTS[verb] ?? /^presence: /)
  })

  it('fits 40 columns', async () => {
    const { execFileSync } = await import('node:child_process')
    const { PRESENCE } = await import('../../../e2e/support/cli.ts')
    const said = execFileSync('script', ['-qec', `stty cols 40; "${PRESENCE}" --help`, '/dev/null'], {
      encoding: 'utf8',
    })
    expect(Math.max(...said.split(/\r?\n/).map(line => line.length))).toBeLessThanOrEqual(40)
  })
})
