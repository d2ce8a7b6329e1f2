import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundleMigrator, type Migrator } from './bundle.ts'

const ROOT = join(import.meta.dirname, '../..')
const NODE = join(ROOT, 'node_modules/node/bin/node')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presence-migrator-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Another checkout: copies of everything that the bundle is made from, in another folder. */
function checkout(): string {
  for (const part of ['build', 'migrations', 'infra', 'packages/core'])
    cpSync(join(ROOT, part), join(folder, part), {
      recursive: true,
      verbatimSymlinks: true,
      filter: from => !/\/(dist|node_modules)$/.test(from),
    })
  for (const at of ['', 'infra', 'packages/core'])
    symlinkSync(join(ROOT, at, 'node_modules'), join(folder, at, 'node_modules'))
  return folder
}

/** The hash that a checkout's own code computes, in a separate Node as Pulumi would run it. */
function hashIn(root: string): Promise<string> {
  const script = `import(${JSON.stringify(join(root, 'infra/migrator/bundle.ts'))}).then(async ({ bundleMigrator }) => console.log((await bundleMigrator()).hash))`
  return new Promise((resolve, reject) =>
    execFile(NODE, ['--input-type=module', '-e', script], (error, stdout) =>
      error ? reject(error) : resolve(stdout.trim()),
    ),
  )
}

function unpackTo(at: string, { text, binary }: Migrator): string {
  mkdirSync(at, { recursive: true })
  for (const [name, content] of Object.entries(text)) writeFileSync(join(at, name), content)
  for (const [name, content] of Object.entries(binary))
    writeFileSync(join(at, name), Buffer.from(content, 'base64'))
  return join(at, 'migrate.cjs')
}

function runMigrator(file: string, env: Record<string, string>) {
  return new Promise<{ status: unknown; stdout: string; stderr: string }>(resolve =>
    execFile(NODE, [file], { env }, (error, stdout, stderr) =>
      resolve({ status: error?.code ?? 0, stdout, stderr }),
    ),
  )
}

describe('the migrator', () => {
  it('has the same hash in every checkout of the same files', async () => {
    const { hash } = await bundleMigrator()
    expect(await hashIn(checkout())).toBe(hash)
  })

  it('has another hash with a changed migration, and the same with a changed comment or change to boards in files', async () => {
    const { hash } = await bundleMigrator()
    const root = checkout()
    const main = join(root, 'infra/migrator/main.ts')
    writeFileSync(main, '\n// a comment\n', { flag: 'a' })
    writeFileSync(join(root, 'packages/core/src/store/sqlite/migrate.ts'), '\nexport const MORE = 1\n', {
      flag: 'a',
    })
    expect(await hashIn(root)).toBe(hash)
    writeFileSync(join(root, 'migrations/mysql/0000_claims.sql'), '\n-- more\n', { flag: 'a' })
    expect(await hashIn(root)).not.toBe(hash)
  })

  it('runs without other files, and says what is wrong on its last lines', async () => {
    const file = unpackTo(join(folder, 'alone'), await bundleMigrator())
    expect(await runMigrator(file, { PRESENCE_DSN: 'mysql://root:hunter2@127.0.0.1:1/beads' })).toEqual({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(
        /unreachable at 127.0.0.1:1\/beads: connection refused\npresence: check that/,
      ),
    })
  })
})
