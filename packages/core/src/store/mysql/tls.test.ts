import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tlsOptions } from './tls.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'presence-ca-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const [first = '', second = ''] = rootCertificates

function write(name: string, content: string): string {
  writeFileSync(join(root, name), content)
  return join(root, name)
}

const read = (caFile: string) => tlsOptions({ mode: 'verify-ca', caFile })

describe('a CA file', () => {
  it('is read with all its certificates, also through a link', async () => {
    write('ca.pem', `# two\n${first}\n# the other\n${second}\n`)
    symlinkSync('ca.pem', join(root, 'link'))
    expect(await read(join(root, 'link'))).toMatchObject({ ca: [first, second] })
  })

  it.each([
    ['is too large', () => write('large', 'x'.repeat((4 << 20) + 1)), 'larger than 4096 KiB'],
    ['is not a regular file', () => '/dev/null', 'not a regular file'],
    ['is a folder', () => root, 'not a regular file'],
    ['does not exist', () => join(root, 'gone'), 'ENOENT'],
  ])('that %s is refused by name with the reason', async (_, make, reason) => {
    const file = make()
    await expect(read(file)).rejects.toMatchObject({
      code: 'invalid_config',
      message: `the CA file ${file} can't be read (${reason})`,
      remedy: expect.stringContaining('ssl-ca=<file>'),
    })
  })

  it('with only BEGIN markers is scanned once', async () => {
    // Scanning it again from each marker would take minutes.
    const file = write('endless', '-----BEGIN CERTIFICATE-----\n'.repeat(140_000))
    await expect(read(file)).rejects.toMatchObject({ message: `the CA file ${file} contains no certificate` })
  })
})
