import { execFileSync } from 'node:child_process'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { analyze } from '../src/index.ts'
import { nodeContext } from '../src/node/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'presence-guard-'))
afterAll(() => rmSync(folder, { recursive: true }))
const fileOf = (name: string, text = '') => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

describe('the context of this machine', () => {
  it('reads regular files, also by links', () => {
    const file = fileOf('a.yaml', 'kind: Pod\n# ü')
    symlinkSync(file, join(folder, 'link'))
    const context = nodeContext({ cwd: folder })
    expect(context.readText(file)).toBe('kind: Pod\n# ü')
    expect(context.readText(join(folder, 'link'))).toBe('kind: Pod\n# ü')
    expect(context.listFolder?.(folder)).toContain('a.yaml')
    expect(context.host).toBe(hostname())
  })

  it('reads no pipe, device, folder, huge or missing file, and never waits', () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const huge = fileOf('huge')
    truncateSync(huge, 50 * 1024 * 1024)
    const context = nodeContext({ cwd: folder })
    for (const path of [pipe, huge, folder, '/dev/zero', '/dev/tty', '/nowhere', 'a\0b'])
      expect(context.readText(path), path).toBeUndefined()
    expect(context.listFolder?.('/nowhere')).toBeUndefined()
  })

  it('reads at most 64 files, and 8 MiB in total', () => {
    const many = nodeContext({ cwd: folder })
    const names = Array.from({ length: 70 }, (_, at) => fileOf(`f${at}`, 'x'))
    expect(names.map(name => many.readText(name)).filter(text => text === 'x')).toHaveLength(64)
    expect(many.readText(names[0] as string)).toBe('x')
    const large = nodeContext({ cwd: folder })
    const texts = Array.from({ length: 10 }, (_, at) =>
      large.readText(fileOf(`g${at}`, 'x'.repeat(1024 * 1024))),
    )
    expect(texts.filter(text => text !== undefined)).toHaveLength(8)
  })

  it('lists no huge folder', () => {
    const big = join(folder, 'big')
    mkdirSync(big)
    for (let at = 0; at < 1_001; at++) writeFileSync(join(big, String(at)), '')
    expect(nodeContext().listFolder?.(big)).toBeUndefined()
  })

  it('lets a script on the line be read', () => {
    fileOf('deploy.sh', 'act "$1"\n')
    const context = nodeContext({ cwd: folder, env: {}, config: { rules: { 'act *': 'node:$1' } } })
    expect(analyze('./deploy.sh a', context).effects).toMatchObject([{ label: 'node:a' }])
  })
})

it('only the context of this machine and the score know files, processes or clocks', () => {
  const root = join(import.meta.dirname, '../src')
  const files = globSync('**/*.ts', { cwd: root, exclude: ['node/**', 'score/**', '**/*.test.ts'] })
  expect(files.length).toBeGreaterThan(20)
  for (const file of files)
    expect(readFileSync(join(root, file), 'utf8'), relative(root, file)).not.toMatch(
      /from 'node:(?!path')|\bprocess\.(?!getBuiltinModule\('node:crypto'\))|Date\.now|new Date\(|performance\.|\bfetch\(|\beval\(|new Function/,
    )
})
