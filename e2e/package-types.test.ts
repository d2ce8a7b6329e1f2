import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { packed, UserProject } from './support/packages.ts'

const ROOT = join(import.meta.dirname, '..')
const README = readFileSync(join(ROOT, 'packages/core/README.md'), 'utf8')
const blockOf = (language: string) =>
  new RegExp(`^ *\`\`\`${language}\n([^]*?)^ *\`\`\``, 'm').exec(README)?.[1] ?? ''
/** The settings that the README shows. */
const { compilerOptions } = JSON.parse(blockOf('json'))

/** The compilers of this workspace. */
const COMPILERS = { 6: 'packages/core/node_modules/typescript', 7: 'node_modules/typescript' } as const
/** How a project can say where its imports are found. */
const MODULES = {
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
} as const
const TABLE = ([6, 7] as const).flatMap(compiler =>
  (['bundler', 'node16', 'nodenext'] as const).map(modules => [compiler, modules] as const),
)

const tarballs = packed()

describe('the types of the library', () => {
  const project = new UserProject()
  beforeAll(async () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    await project.install('npm', [tarballs.core, `@types/node@${devDependencies['@types/node']}`])
    project.write('example.mts', blockOf('ts'))
    project.write('common.cts', COMMON)
    project.write('plain.mts', PLAIN)
  })

  let count = 0
  const compile = (compiler: keyof typeof COMPILERS, file: string, options: object) => {
    // One config for each test: they may run at the same time.
    const config = `tsconfig.${count++}.json`
    project.write(
      config,
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options, noEmit: true }, files: [file] }),
    )
    return project.run(['node', join(ROOT, COMPILERS[compiler], 'bin/tsc'), '--project', config])
  }

  it.each(TABLE)(
    'compile the example of the README with TypeScript %i, module resolution %s',
    async (compiler, modules) => {
      const said = await compile(compiler, 'example.mts', { ...MODULES[modules], skipLibCheck: false })
      expect(said).toMatchObject({ status: 0, stdout: '' })
    },
  )

  it.each([6, 7] as const)('compile in a CommonJS file with TypeScript %i', async compiler => {
    const said = await compile(compiler, 'common.cts', { ...MODULES.nodenext, skipLibCheck: false })
    expect(said).toMatchObject({ status: 0, stdout: '' })
  })

  it.each(TABLE)(
    'need no types of Node for a claim with TypeScript %i, module resolution %s',
    async (compiler, modules) => {
      const said = await compile(compiler, 'plain.mts', {
        ...MODULES[modules],
        types: [],
        skipLibCheck: true,
      })
      expect(said).toMatchObject({ status: 0, stdout: '' })
    },
  )

  it('find a mistake: they are not `any`', async () => {
    project.write('wrong.mts', PLAIN.replace("'drain'", '42'))
    const said = await compile(7, 'wrong.mts', { ...MODULES.nodenext, types: [], skipLibCheck: true })
    expect(said).toMatchObject({ stdout: expect.stringMatching(/wrong\.mts.*TS2322/) })
  })
})

const COMMON = `import { openBoard } from '@presence/core'
export const list = async () => (await openBoard()).list()
`
const PLAIN = `import { openBoard } from '@presence/core'
await using board = await openBoard({ dsn: 'sqlite:board.db', session: 'ana' })
const said = await board.claim('node:k8s-1', { purpose: 'drain' })
export const holders: string[] = said.ok ? said.others.map(other => other.session.id) : [said.refusal.remedy]
`
