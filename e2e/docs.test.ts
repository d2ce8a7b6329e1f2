import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { presence } from './support/cli.ts'
import { dolt, newDatabaseName } from './support/dolt.ts'
import { Running } from './support/running.ts'
import { scratchFolder } from './support/scratch.ts'

const ROOT = join(import.meta.dirname, '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const spec = readFileSync(join(ROOT, 'SPEC.md'), 'utf8')

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(
    match => match[1] ?? '',
  )
}

/** The commands of the README's shell blocks, as arguments. */
function commands(): string[][] {
  return blocks('sh')
    .flatMap(block => block.split('\n'))
    .filter(line => line.startsWith('presence '))
    .map(line => line.replace(/\s+#.*$/, ''))
    .map(line => [...line.matchAll(/"([^"]*)"|(\S+)/g)].slice(1).map(match => match[1] ?? match[2] ?? ''))
}

describe('the README', () => {
  it('shows commands that work, in the given order', async () => {
    const env = { XDG_STATE_HOME: scratchFolder(), PRESENCE_SESSION_ID: 'reader' }
    const local = commands()
      .filter(args => !args.some(arg => arg.startsWith('mysql:')))
      .filter(([verb]) => verb !== 'token' && verb !== 'serve')
    expect(local.length).toBeGreaterThan(4)
    for (const args of local)
      expect(await presence(args, { env }), args.join(' ')).toMatchObject({ status: 0, stderr: '' })
  })

  it.skipIf(!dolt)('shows how to create a team’s board, and how to use it with its account', async () => {
    const cwd = scratchFolder()
    const database = newDatabaseName()
    const account = `a${database.slice(-10)}`
    writeFileSync(join(cwd, 'presence.password'), 'correct horse\n')
    // On the tests' server, and with an account for this test.
    const own = (arg: string) =>
      arg
        .replace('presence=./', `${account}=./`)
        .replace('//presence@', `//${account}@`)
        .replace('db.example:3306/presence', `127.0.0.1:${dolt?.port}/${database}`)
    const steps = commands().filter(args => args.some(arg => arg.startsWith('mysql:')))
    expect(steps.map(([verb]) => verb)).toEqual(['migrate', 'init'])
    for (const args of steps) expect(await presence(args.map(own), { cwd })).toMatchObject({ status: 0 })

    const [, file = ''] = /^export PRESENCE_PASSWORD_FILE=(.*)$/m.exec(readme) ?? []
    const env = { PRESENCE_PASSWORD_FILE: file.replace('$PWD', cwd) }
    const claimed = await presence(['claim', 'queue:mail', '--purpose', 'p', '--strict'], { cwd, env })
    expect(claimed).toMatchObject({ status: 0, stderr: '' })
    const asRoot = own('mysql://root@db.example:3306/presence')
    expect((await presence(['list', '--dsn', asRoot])).stdout).toContain('queue:mail')
  })

  it('shows how to serve a board to other machines that have a token', async () => {
    const cwd = scratchFolder()
    const own = (args: readonly string[]) => args.map(arg => arg.replace('./tokens', join(cwd, 'tokens')))
    const [add = [], serve = [], ...more] = commands().filter(
      ([verb]) => verb === 'token' || verb === 'serve',
    )
    expect(more).toEqual([])
    const added = await presence(own(add), { cwd })
    expect(added).toMatchObject({ status: 0, stdout: expect.stringMatching(/^presence_\S+\n$/) })
    const dsn = `sqlite:${join(cwd, 'board.db')}`
    await using server = new Running([...own(serve), '--port', '0', '--dsn', dsn], { HOME: cwd })
    const port = new URL((await server.line(/serving on/)).replace(/.*(http\S+)/, '$1')).port
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status
    expect(await ask({})).toBe(401)
    expect(await ask({ Authorization: `Bearer ${added.stdout.trim()}` })).toBe(200)
  })

  it('shows a valid config file', async () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, '.presence'))
    writeFileSync(join(folder, '.presence/config.json'), blocks('json')[0] ?? '')
    const { status } = await presence(['peek', 'queue:mail', '--dsn', `sqlite:${folder}/b.db`], {
      cwd: folder,
    })
    expect(status).toBe(0)
  })

  it('shows TypeScript that compiles', () => {
    const folder = scratchFolder()
    const dist = join(ROOT, 'packages/core/dist/types/index.js')
    writeFileSync(join(folder, 'example.mts'), (blocks('ts')[0] ?? '').replace('@presence/core', dist))
    const flags =
      '--ignoreConfig --noEmit --strict --module nodenext --target es2024 --lib es2024,esnext.disposable'
    const args = [...flags.split(' '), '--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node']
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...args, join(folder, 'example.mts')], {
      stdio: 'pipe',
    })
  })

  it('links to existing files', () => {
    for (const [, file = ''] of readme.matchAll(/\]\((?!http)([^)]+)\)/g))
      expect(existsSync(join(ROOT, file)), file).toBe(true)
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
