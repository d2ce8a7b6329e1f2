import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { bundleServer, ENTRY } from './program.ts'

const ROOT = join(import.meta.dirname, '../..')
const NODE = join(ROOT, 'node_modules/node/bin/node')

it('the server’s program runs without other files, and each part fits into a ConfigMap', async () => {
  const { parts } = await bundleServer()
  const folder = mkdtempSync(join(tmpdir(), 'presence-program-'))
  try {
    for (const { text, binary } of parts) {
      expect(JSON.stringify({ text, binary }).length).toBeLessThan(200 * 1024)
      for (const [name, content] of Object.entries(text)) writeFileSync(join(folder, name), content)
      for (const [name, content] of Object.entries(binary))
        writeFileSync(join(folder, name), Buffer.from(content, 'base64'))
    }
    expect(await help(join(folder, ENTRY))).toContain('presence serve')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('the server’s program is the same in every checkout of the same files', async () => {
  const { parts, hash } = await bundleServer()
  expect((await bundleServer()).hash).toBe(hash)
  const code = parts.flatMap(({ binary }) =>
    Object.values(binary).map(part => brotliDecompressSync(Buffer.from(part, 'base64')).toString()),
  )
  expect(code.join('')).not.toContain(ROOT)
})

function help(file: string): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(NODE, [file, 'serve', '--help'], { cwd: '/', env: { HOME: '/' } }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    ),
  )
}
