import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')
const SOURCE = join(ROOT, 'packages/core/src')

/** The files that a file imports, and whether each import is of types only. */
function importsOf(file: string): { readonly from: string; readonly typeOnly: boolean }[] {
  const text = readFileSync(file, 'utf8')
  const statements = text.matchAll(
    /^(import|export)( type)?[^'"\n]*?(?:\{[^}]*\} )?(?:from )?['"]([^'"]+)['"]/gm,
  )
  const dynamic = text.matchAll(/\bimport\('([^']+)'\)/g)
  return [
    ...[...statements].map(match => ({ from: match[3] ?? '', typeOnly: match[2] !== undefined })),
    ...[...dynamic].map(match => ({ from: match[1] ?? '', typeOnly: false })),
  ]
}

const layerOf = (file: string) => {
  const path = relative(SOURCE, file)
  return path.includes('/') ? (path.split('/')[0] ?? '') : path
}

/**
 * The folders of core, and its files outside of folders. Each imports only from those before it, so there is
 * no cycle between folders either.
 */
const LAYERS = [
  'waiting-clock.ts',
  'sleep.ts',
  'deadline.ts',
  'domain',
  'node-version.ts',
  'json',
  'schema.ts',
  'config',
  'write-config.ts',
  'identity',
  'project.ts',
  'store',
  'migrate.ts',
  'claims',
  'coordination',
  'calls',
  'outbox',
  'remote',
  'board',
  'index.ts',
  'internal.ts',
]

describe('the layers of core', () => {
  const files = globSync('**/*.ts', { cwd: SOURCE })
    .filter(file => !file.endsWith('.test.ts') && !file.endsWith('.d.ts'))
    .map(file => join(SOURCE, file))

  it('are all listed', () => {
    expect([...new Set(files.map(layerOf))].toSorted()).toEqual(LAYERS.toSorted())
  })

  it.each(LAYERS.map((layer, at) => [layer, at] as const))(
    '%s imports only from those before it',
    (layer, at) => {
      for (const file of files.filter(each => layerOf(each) === layer))
        for (const { from } of importsOf(file)) {
          if (!from.startsWith('.')) continue
          const to = layerOf(join(dirname(file), from))
          expect(LAYERS.slice(0, at + 1), `${relative(SOURCE, file)} imports ${from}`).toContain(to)
        }
    },
  )

  it('claims, coordination and calls import no dialect of the store', () => {
    for (const file of files.filter(each => ['claims', 'coordination', 'calls'].includes(layerOf(each))))
      for (const { from } of importsOf(file).filter(each => each.from.includes('store/')))
        expect(from).toMatch(/^\.\.\/store\/(port\/\w+|pruner|recorder)\.ts$/)
  })

  it('no file of the domain reads a clock, the environment or the disk', () => {
    for (const file of files.filter(each => layerOf(each) === 'domain' && !each.endsWith('fault.ts')))
      expect(readFileSync(file, 'utf8'), relative(SOURCE, file)).not.toMatch(
        /from 'node:|process\.|Date\.now|new Date\(\)/,
      )
  })
})

describe('the built files', () => {
  const dist = join(ROOT, 'packages/core/dist')

  it('load no driver, validator or ORM until one is used', () => {
    const reached = new Set<string>()
    const visit = (file: string) => {
      if (reached.has(file)) return
      reached.add(file)
      for (const match of readFileSync(file, 'utf8').matchAll(
        /^(?:import|export)[^;]*?from "([^"]+)"|^import "([^"]+)"/gm,
      )) {
        const from = match[1] ?? match[2] ?? ''
        if (from.startsWith('.')) visit(join(dirname(file), from))
        else reached.add(from)
      }
    }
    visit(join(dist, 'index.js'))
    visit(join(dist, 'internal.js'))
    const packages = [...reached].filter(each => !each.startsWith('/') && !each.startsWith('node:'))
    expect(packages).toEqual(['fastest-levenshtein'])
    expect([...reached]).not.toContain('node:sqlite')
  })

  it('start a command with only what every verb needs: a file’s static imports are loaded by all verbs', () => {
    const command = readFileSync(join(ROOT, 'packages/cli/dist/presence.cjs'), 'utf8')
    const atTheTop = [...command.matchAll(/\w=require\("([^"]+)"\)/g)].map(match => match[1])
    expect(atTheTop).toContain('node:fs')
    for (const heavy of ['child_process', 'crypto', 'http', 'https', 'net', 'sqlite', 'tls'])
      expect(atTheTop).not.toContain(`node:${heavy}`)
  })

  it('start a command without the doctor, which only its own verb uses', () => {
    const [start, rest] = ['presence', 'presence-rest'].map(name =>
      readFileSync(join(ROOT, `packages/cli/dist/${name}.cjs`), 'utf8'),
    )
    expect(rest).toContain('this check failed')
    expect(start).not.toContain('this check failed')
  })

  it('contain no drizzle: it defines the schema and never runs', () => {
    for (const file of globSync('packages/*/dist/*.{js,cjs}', { cwd: ROOT }))
      expect(readFileSync(join(ROOT, file), 'utf8'), file).not.toMatch(/drizzle/)
  })

  it('other packages import core only by its entries', () => {
    const files = globSync('packages/*/src/**/*.ts', { cwd: ROOT, exclude: ['packages/core/**'] })
    expect(files.length).toBeGreaterThan(200)
    for (const file of files)
      expect(readFileSync(join(ROOT, file), 'utf8'), file).not.toMatch(
        /from '(@presence\/core\/(?!internal'|schema')|.*(?<!@presence)\/core\/)/,
      )
  })

  it('no package imports a file of another package by its path', () => {
    const packageOf = (path: string) => /^packages\/[^/]+/.exec(relative(ROOT, path))?.[0]
    for (const file of globSync(join(ROOT, 'packages/*/src/**/*.ts')).filter(
      each => !each.endsWith('.test.ts'),
    ))
      for (const { from } of importsOf(file).filter(each => each.from.startsWith('.')))
        expect([packageOf(file), undefined], `${relative(ROOT, file)} imports ${from}`).toContain(
          packageOf(join(dirname(file), from)),
        )
  })

  it('let a consumer compile against the published types', () => {
    const folder = mkdtempSync(join(tmpdir(), 'presence-consumer-'))
    try {
      writeFileSync(
        join(folder, 'consumer.mts'),
        `import { openBoard, type Board } from '${join(dist, 'types/index.d.ts').replace('.d.ts', '.js')}'
         await using board: Board = await openBoard({ session: 'ana' })
         const said = await board.claim('node:k8s-1', { purpose: 'drain', ttl: '15m' })
         const holders: string[] = said.ok ? said.others.map(other => other.session.id) : [said.refusal.remedy]
         export { holders }`,
      )
      const options = [
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--skipLibCheck',
        'false',
      ]
      const types = [
        '--lib',
        'es2024,esnext.disposable',
        '--typeRoots',
        join(ROOT, 'node_modules/@types'),
        '--types',
        'node',
      ]
      execFileSync(
        join(ROOT, 'node_modules/.bin/tsc'),
        [...options, ...types, join(folder, 'consumer.mts')],
        { stdio: 'pipe' },
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
