import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { replaceAll } from './replace-all.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presence-replace-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('several files', () => {
  it('are written and deleted together, with the folders that they need', () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'old'), 'old')
    replaceAll([
      { path: join(folder, 'a/b/new'), text: 'new' },
      { path: join(folder, 'old'), text: undefined },
    ])
    expect(readFileSync(join(folder, 'a/b/new'), 'utf8')).toBe('new')
    expect(readdirSync(folder)).toEqual(['a'])
  })

  it('have their old content, mode and links if a later one can’t be written', () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'changed'), 'old', { mode: 0o640 })
    writeFileSync(join(folder, 'deleted'), 'kept', { mode: 0o600 })
    symlinkSync('changed', join(folder, 'link'))
    const files = [
      { path: join(folder, 'a/b/new'), text: 'new' },
      { path: join(folder, 'link'), text: 'new' },
      { path: join(folder, 'deleted'), text: undefined },
      { path: '/proc/presence/file', text: 'never' },
    ]
    expect(() => replaceAll(files)).toThrow(/can't be written/)
    expect(readdirSync(folder)).toEqual(['changed', 'deleted', 'link'])
    expect(readFileSync(join(folder, 'changed'), 'utf8')).toBe('old')
    expect(statSync(join(folder, 'changed')).mode & 0o777).toBe(0o640)
    expect(readFileSync(join(folder, 'deleted'), 'utf8')).toBe('kept')
    expect(statSync(join(folder, 'deleted')).mode & 0o777).toBe(0o600)
  })
})
