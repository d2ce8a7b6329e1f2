import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { type Plugin, rolldown } from 'rolldown'
import { deferPlugin } from '../../build/defer-plugin.ts'
import { migrationsPlugin } from '../../build/migrations-plugin.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The migrator in one piece, made from this checkout. */
export interface Migrator {
  /** The files to put beside each other, the first of which Node runs. */
  readonly text: Readonly<Record<'migrate.cjs', string>>
  /** In base64, as a ConfigMap's `binaryData` takes it. */
  readonly binary: Readonly<Record<'migrate.br', string>>
  /** SHA-256 of what runs, in hex: of the code before it is compressed, which two versions of Node may do differently. */
  readonly hash: string
}

/**
 * Unpacks and runs what is beside it. The code is compressed since the whole of a ConfigMap once more stands in an
 * annotation that client-side apply writes, and annotations may take 256 KiB in all, not the ConfigMap's 1 MiB.
 */
const UNPACK = `const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { runInThisContext } = require('node:vm')
const { brotliDecompressSync } = require('node:zlib')
const code = brotliDecompressSync(readFileSync(join(__dirname, 'migrate.br')))
runInThisContext('(function (require, module, exports) {' + code + '\\n})', 'migrate.js')(require, module, exports)
`

/** Bundles the migrator for a server: in memory, so that no built file can be older than its source. */
export async function bundleMigrator(): Promise<Migrator> {
  const build = await rolldown({
    input: join(import.meta.dirname, 'main.ts'),
    platform: 'node',
    resolve: { alias: { '@presence/core': join(ROOT, 'packages/core/src/index.ts') } },
    plugins: [withoutFiles(), migrationsPlugin(), deferPlugin()],
  })
  try {
    const { output } = await build.generate({
      format: 'cjs',
      codeSplitting: false,
      minify: true,
      dynamicImportInCjs: false,
    })
    const { code } = output[0]
    return {
      text: { 'migrate.cjs': UNPACK },
      binary: { 'migrate.br': brotliCompressSync(code).toString('base64') },
      hash: createHash('sha256').update(UNPACK).update(code).digest('hex'),
    }
  } finally {
    await build.close()
  }
}

/** A Job migrates servers only: what belongs to boards in files would be dead weight, and each change to it a new Job. */
function withoutFiles(): Plugin {
  return {
    name: 'without-files',
    resolveId: id =>
      id.endsWith('/sqlite/migrate-file.ts') ? { id: 'node:sqlite', external: true } : undefined,
  }
}
