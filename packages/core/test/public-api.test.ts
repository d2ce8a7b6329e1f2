import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as core from '@presence/core'
import * as doctor from '@presence/doctor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')
/** The packages with a public API, and the values that they export. */
const PACKAGES = { core, doctor }
const FUNCTIONS = Object.values(PACKAGES).flatMap(values =>
  Object.entries(values).flatMap(([name, value]) => (typeof value === 'function' ? [name] : [])),
)

interface Example {
  /** The name of the declaration that the example is about. */
  readonly about: string
  readonly code: string
}

/** The programs of the page on TypeScript. */
function pageExamples(): readonly Example[] {
  const page = 'docs/typescript.md'
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(match => ({ about: page, code: match[1] ?? '' }))
}

/** Every `@example` in a file's docstrings. */
function examplesIn(file: string): readonly Example[] {
  const blocks = readFileSync(join(ROOT, file), 'utf8').matchAll(/^( *)\/\*\*\n((?:\1 \*.*\n)+)(.*)/gm)
  return [...blocks].flatMap(([, , comment = '', declaration = '']) => {
    const text = comment.replaceAll(/^ *\* ?/gm, '')
    const about = /(\w+)[ :<(]*(?:\(|<|:|=|\{|extends|$)/.exec(declaration)?.[1] ?? declaration.trim()
    return [...text.matchAll(/@example\n```ts\n(.*?)```/gs)].map(match => ({ about, code: match[1] ?? '' }))
  })
}

/** The example as a whole module: with its imports, and a `board` if it uses one that it doesn't open. */
function moduleOf(code: string): string {
  const opened = /\bboard\./.test(code) && !/\bboard =/.test(code)
  const whole = opened ? `await using board = await openBoard()\n${code}` : code
  if (whole.includes('import ')) return whole
  const imports = Object.entries(PACKAGES).map(([name, values]) => {
    const used = Object.keys(values).filter(value => new RegExp(`\\b${value}\\b`).test(whole))
    return used.length > 0 ? `import { ${used.join(', ')} } from '@presence/${name}'\n` : ''
  })
  return `${imports.join('')}${whole}`
}

describe('the public API', () => {
  it('of the library has at most 45 values', () => {
    expect(Object.keys(core).length).toBeLessThanOrEqual(45)
  })

  it('of the doctor is one function', () => {
    expect(Object.keys(doctor)).toEqual(['diagnose'])
  })
})

describe('the examples in docstrings and in docs/typescript.md', () => {
  const files = Object.keys(PACKAGES)
    .flatMap(name => globSync(`packages/${name}/src/**/*.ts`, { cwd: ROOT }))
    .filter(file => !file.endsWith('.test.ts'))
  const examples = [...files.toSorted().flatMap(examplesIn), ...pageExamples()]
  const folder = mkdtempSync(join(tmpdir(), 'presence-examples-'))
  const fileOf = (at: number) => join(folder, `example-${at}.mts`)

  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules/@presence'), { recursive: true })
    for (const name of Object.keys(PACKAGES))
      symlinkSync(join(ROOT, 'packages', name), join(folder, 'node_modules/@presence', name))
    for (const [at, { code }] of examples.entries()) writeFileSync(fileOf(at), moduleOf(code))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('show each function', () => {
    expect(examples.map(({ about }) => about)).toEqual(expect.arrayContaining(FUNCTIONS))
    expect(pageExamples().length).toBeGreaterThan(1)
  })

  it('compile against the built types', () => {
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
    // The doctor isn't built: its entry is its source.
    const source = ['--allowImportingTsExtensions']
    const types = ['--lib', 'es2024,esnext.disposable', '--typeRoots', join(ROOT, 'node_modules/@types')]
    const files = examples.map((_, at) => fileOf(at))
    const { stdout } = spawnSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      [...options, ...source, ...types, '--types', 'node', ...files],
      { encoding: 'utf8' },
    )
    expect(stdout).toBe('')
  })

  it.each(examples.map(({ about }, at) => [at, about] as const))('run on a board: %i, %s', at => {
    const home = join(folder, String(at))
    mkdirSync(home)
    const env = { HOME: home, PATH: process.env['PATH'], PRESENCE_SESSION_ID: 'ana' }
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', fileOf(at)], { cwd: home, env })
  })
})
