import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { type Plugin, rolldown } from 'rolldown'
import { CORE_ENTRIES } from '../../build/core-entries.ts'
import { deferPlugin } from '../../build/defer-plugin.ts'
import { migrationsPlugin } from '../../build/migrations-plugin.ts'

/** The migrator as one bundle, made from this checkout. */
export interface Migrator {
  /** The files to put into one folder; Node runs the first. */
  readonly text: Readonly<Record<'migrate.cjs', string>>
  /** In base64, as a ConfigMap's `binaryData` takes it. */
  readonly binary: Readonly<Record<'migrate.br', string>>
  /**
   * SHA-256 of the code, in hex, before it is compressed: two versions of Node may compress it differently.
   */
  readonly hash: string
}

/**
 * Unpacks and runs the code in the same folder. The code is compressed because a client-side apply writes the
 * whole ConfigMap into an annotation too, and all annotations together may take 256 KiB, less than the 1 MiB
 * of a ConfigMap.
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
    resolve: { alias: CORE_ENTRIES },
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

/**
 * A Job migrates only servers, so code for boards in files is left out. Otherwise each change to that code
 * would make a new Job.
 */
function withoutFiles(): Plugin {
  return {
    name: 'without-files',
    resolveId: id =>
      id.endsWith('/sqlite/migrate-file.ts') ? { id: 'node:sqlite', external: true } : undefined,
  }
}
