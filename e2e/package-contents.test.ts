import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from './support/cli.ts'
import { packed } from './support/packages.ts'
import { scratchFolder } from './support/scratch.ts'

const ROOT = join(import.meta.dirname, '..')
const BOTH = ['core', 'cli'] as const
const tarballs = packed()

/** Runs a tool of this workspace. */
const tool = (name: string, ...args: string[]) =>
  run(join(ROOT, 'node_modules/.bin', name), args, { env: process.env, cwd: '/', within: 120_000 })

function unpacked(tarball: string): string {
  const folder = scratchFolder()
  execFileSync('tar', ['-xzf', tarball, '-C', folder])
  return join(folder, 'package')
}

function namesIn(tarball: string): readonly string[] {
  const names = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
  return names.map(name => name.replace('package/', '')).toSorted()
}

describe('the tarball', () => {
  it('of the command has one file, its texts and its manifest', () => {
    expect(namesIn(tarballs.cli)).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'THIRD-PARTY-LICENSES.txt',
      'bin/presence',
      'man/presence.1',
      'package.json',
    ])
  })

  it('of the command has the license of each package whose code is in it', () => {
    const text = readFileSync(join(unpacked(tarballs.cli), 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    const parts = text.split(/^-{80}$/m).map(part => part.trim())
    for (const name of ['commander', 'mysql2', 'hono', 'zod', '@modelcontextprotocol/server'])
      expect(parts.filter(part => part.startsWith(`${name} `))).toHaveLength(1)
    for (const part of parts)
      expect(part).toMatch(/^.+ [\d.]+, (MIT|ISC|Apache-2\.0|BSD-\d-Clause|0BSD)(\n|$)/)
  })

  it('of the library has its public entries, their types, and nothing of its development', () => {
    const names = namesIn(tarballs.core)
    for (const needed of ['dist/index.js', 'dist/schema.js', 'dist/types/index.d.ts'])
      expect(names).toContain(needed)
    expect(names.filter(name => !/^dist\/[\w-]+\.js$|^dist\/types\/[\w/-]+\.d\.ts$/.test(name))).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'schema/config.schema.json',
    ])
    expect(names.filter(name => /internal|\.test\./.test(name))).toEqual([])
  })

  it.each(BOTH)('of %s names its license, its source and the Node that it needs', name => {
    const { version } = JSON.parse(readFileSync(join(ROOT, `packages/${name}/package.json`), 'utf8'))
    const text = readFileSync(join(unpacked(tarballs[name]), 'package.json'), 'utf8')
    const manifest = JSON.parse(text)
    expect(manifest).toMatchObject({
      name: `@presence/${name}`,
      version,
      license: 'MIT',
      author: 'the presence authors',
      repository: { type: 'git', directory: `packages/${name}`, url: expect.stringMatching(/^git\+https:/) },
      engines: { node: '>=22.16' },
    })
    expect(Object.keys(manifest).filter(key => /^(scripts|devDependencies)$/.test(key))).toEqual([])
    expect(text).not.toContain('workspace:')
  })

  it.each(BOTH)('of %s contains no path of this machine', async name => {
    const path = `${ROOT}/(node_modules|packages|build|dist)`
    expect(
      (await run('grep', ['-rlE', path, unpacked(tarballs[name])], { env: process.env, cwd: '/' })).stdout,
    ).toBe('')
  })

  it.each(BOTH)('of %s has no problem that publint finds', async name => {
    const said = await tool('publint', tarballs[name], '--strict')
    expect(said.status, said.stdout + said.stderr).toBe(0)
  })

  it('of the library has types that Are The Types Wrong accepts for an ES module', async () => {
    const said = await tool('attw', tarballs.core, '--profile', 'esm-only')
    expect(said.status, said.stdout + said.stderr).toBe(0)
  })
})
