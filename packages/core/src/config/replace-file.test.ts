import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replaceFile } from './replace-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presence-replace-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const modeOf = (path: string) => statSync(path).mode & 0o777

describe('a replaced file', () => {
  it('is created if it is missing, and has its new content afterwards', () => {
    const file = join(folder, 'a')
    replaceFile(file, 'one')
    replaceFile(file, 'two', { flush: true })
    expect(readFileSync(file, 'utf8')).toBe('two')
    expect(readdirSync(folder)).toEqual(['a'])
  })

  it('keeps its mode, whatever the umask, unless it gets another one', () => {
    const file = join(folder, 'a')
    writeFileSync(file, 'one')
    chmodSync(file, 0o666)
    replaceFile(file, 'two')
    expect(modeOf(file)).toBe(0o666)
    replaceFile(file, 'three', { mode: 0o600 })
    expect(modeOf(file)).toBe(0o600)
  })

  it('stays a link if it was one', () => {
    writeFileSync(join(folder, 'real'), 'one')
    symlinkSync('real', join(folder, 'link'))
    replaceFile(join(folder, 'link'), 'two')
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('two')
  })

  it('leaves nothing beside it if the write fails', () => {
    const path = join(folder, 'a')
    mkdirSync(path)
    expect(() => replaceFile(path, 'one')).toThrow()
    expect(readdirSync(folder)).toEqual(['a'])
  })
})
