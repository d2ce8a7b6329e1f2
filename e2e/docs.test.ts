import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESENCE, presence, run } from './support/cli.ts'
import { dolt, newDatabaseName } from './support/dolt.ts'
import { blocksOf, commandsOf, ROOT, textOf } from './support/pages.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'

const spec = textOf('SPEC.md')

/** Verbs with a test of their own, below or (`setup`) elsewhere. */
const APART = ['setup', 'token', 'serve', 'migrate', 'init']

describe('the pages', () => {
  it.each(['README.md', 'docs/start.md', 'docs/cli.md', 'docs/troubleshooting.md'])(
    'show commands that work, in the given order: %s',
    async page => {
      const cwd = scratchFolder()
      for (const script of ['deploy.sh', 'migrate.sh'])
        writeFileSync(join(cwd, script), '#!/bin/sh\n', { mode: 0o755 })
      const env = { XDG_STATE_HOME: scratchFolder(), PRESENCE_SESSION_ID: 'reader' }
      const local = commandsOf(page).filter(([verb = '']) => !APART.includes(verb))
      expect(local).not.toEqual([])
      for (const args of local)
        expect(await presence(args, { env, cwd }), args.join(' ')).toMatchObject({ status: 0, stderr: '' })
    },
  )

  it.skipIf(!dolt).each(['README.md', 'docs/teams.md'])(
    'show how to create a team’s board, and how to use it with its account: %s',
    async page => {
      const home = scratchFolder()
      const database = newDatabaseName()
      const account = `a${database.slice(-10)}`
      // On the tests' server, and with an account for this test.
      const own = (text: string) =>
        text
          .replaceAll('presence="', `${account}="`)
          .replaceAll('//presence@', `//${account}@`)
          .replaceAll('db.example:3306/presence', `127.0.0.1:${dolt?.port}/${database}`)
      const steps = blocksOf(page, 'sh')
        .filter(block => /db\.example|PASSWORD_FILE/.test(block))
        .map(block => block.replaceAll(/^presence setup .*$/gm, ''))
      expect(steps.join('')).toContain('presence migrate')
      const PATH = `${join(PRESENCE, '..')}:${process.env['PATH']}`
      const claim = 'presence claim db:mail --purpose p --strict --dsn'
      const script = [...steps, `${claim} mysql://presence@db.example:3306/presence`].map(own).join('\n')
      const env = { PATH, HOME: home }
      const args = ['-euo', 'pipefail', '-c', script]
      const said = await run('bash', args, { env, cwd: home, within: 20_000 })
      expect(said, said.stderr).toMatchObject({ status: 0 })
      const asRoot = own('mysql://root@db.example:3306/presence')
      expect((await presence(['list', '--dsn', asRoot])).stdout).toContain('db:mail')
    },
  )

  it('show how to serve a board to other machines that have a token', async () => {
    const cwd = scratchFolder()
    const own = (args: readonly string[]) => args.map(arg => arg.replace('./tokens', join(cwd, 'tokens')))
    const all = commandsOf('docs/serve.md')
    const add = all.find(([verb]) => verb === 'token') ?? []
    const serve = all.find(args => args[0] === 'serve' && args.includes('--token-file')) ?? []
    const added = await presence(own(add), { cwd })
    expect(added).toMatchObject({ status: 0, stdout: expect.stringMatching(/^presence_\S+\n$/) })
    const dsn = `sqlite:${join(cwd, 'board.db')}`
    await using server = new Running([...own(serve), '--port', '0', '--dsn', dsn], { HOME: cwd })
    const port = new URL((await server.line(/serving on/)).replace(/.*(http\S+)/, '$1')).port
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status
    expect(await ask({})).toBe(401)
    expect(await ask({ Authorization: `Bearer ${added.stdout.trim()}` })).toBe(200)
    // Every metric that the page for operators names.
    const headers = { Authorization: `Bearer ${added.stdout.trim()}` }
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text()
    const named = textOf('docs/operators.md').match(/`presence_\w+`/g) ?? []
    expect(named.length).toBeGreaterThan(5)
    for (const name of named) expect(metrics).toContain(`# TYPE ${name.replaceAll('`', '')} `)
  })

  it('show how to hold a label exclusively over HTTP, with curl', async () => {
    const cwd = scratchFolder()
    await using server = new Running(['serve', '--port', '0', '--dsn', `sqlite:${join(cwd, 'board.db')}`], {
      HOME: cwd,
    })
    const url = (await server.line(/serving on/)).replace(/.*(http\S+)/, '$1')
    const script = blocksOf('docs/serve.md', 'sh').find(block => block.includes('call acquire')) ?? ''
    // Each answer on a line of its own.
    const own = script.replace('http://127.0.0.1:8787', url).replaceAll(/^(call .*?)( +#.*)?$/gm, '$1; echo')
    const said = await run('bash', ['-euo', 'pipefail', '-c', own], { env: process.env, cwd })
    expect(said, said.stderr).toMatchObject({ status: 0 })
    const answers = said.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(answers).toMatchObject([
      { claim: { token: 1 } },
      { current: true },
      { current: true },
      { held: true },
    ])
  })

  it('show a valid config file', async () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, '.presence'))
    writeFileSync(join(folder, '.presence/config.json'), blocksOf('docs/teams.md', 'json')[0] ?? '')
    const args = ['peek', 'queue:mail', '--dsn', `sqlite:${folder}/b.db`]
    expect((await presence(args, { cwd: folder })).status).toBe(0)
  })

  it('put no password or token into a repository', () => {
    for (const page of ['README.md', ...globSync('docs/*.md', { cwd: ROOT })])
      expect(textOf(page), page).not.toMatch(/(PASSWORD_FILE|TOKEN_FILE)=(\$PWD|\.|[\w-]+\/)|presence=\.\//)
  })
})

describe('the README', () => {
  it('is read in some minutes: it has at most 800 words', () => {
    expect(textOf('README.md').split(/\s+/).length).toBeLessThanOrEqual(800)
  })
})

describe('the SPEC', () => {
  const titles = globSync(['packages/*/test/**/*.test.ts', 'e2e/**/*.test.ts'], { cwd: ROOT })
    .map(file => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n')
  const guarantees = [...spec.matchAll(/^\*\*(G\d) .*(?:\n.+)*/gm)]

  it('numbers its guarantees, and each number is in the names of tests', () => {
    expect(guarantees.length).toBeGreaterThan(5)
    for (const [, number] of guarantees)
      expect(titles, number).toMatch(new RegExp(`(it|describe)[^\n]*\n?[^\n]*['\`][^'\`\n]*${number}\\b`))
  })

  it('names existing test files', () => {
    for (const [row] of guarantees)
      for (const [, file = ''] of row.matchAll(/`([^`]*\.test\.ts)`/g)) {
        const path = file.includes('/') ? file : `packages/core/test/${file}`
        expect(existsSync(join(ROOT, path)), path).toBe(true)
      }
  })
})

describe('the page of faults found', () => {
  const page = readFileSync(join(ROOT, 'docs/robustness.md'), 'utf8').replace(/\s+/g, ' ')
  const all = globSync('{packages/*/{src,test},e2e}/**/*.test.ts', { cwd: ROOT })
  const filesOf = (name: string) => all.filter(file => file === name || file.endsWith(`/${name}`))

  it('names existing test files, and quotes the exact names of their tests', () => {
    let file = ''
    let quoted = 0
    for (const [, named, names = ''] of page.matchAll(/`([^`\s]+\.test\.ts)`|\(("[^"]+"(?:, "[^"]+")*)\)/g)) {
      file = named ?? file
      if (named !== undefined) expect(filesOf(named), named).not.toEqual([])
      if (file === '') continue
      const texts = filesOf(file).map(each => readFileSync(join(ROOT, each), 'utf8'))
      for (const [, name = ''] of names.matchAll(/"([^"]+)"/g)) {
        const isThere = ["'", '"', '`'].some(quote =>
          texts.some(text => text.includes(`${quote}${name}${quote}`)),
        )
        expect(isThere, `${file} has a test with the name: ${name}`).toBe(true)
        quoted++
      }
    }
    expect(quoted).toBeGreaterThan(20)
  })
})
