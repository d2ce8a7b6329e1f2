import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { rolldown } from 'rolldown'
import { CORE_ENTRIES } from '../../build/core-entries.ts'
import { deferPlugin } from '../../build/defer-plugin.ts'
import { migrationsPlugin } from '../../build/migrations-plugin.ts'
import { viewerPlugin } from '../../build/viewer-plugin.ts'

const ROOT = join(import.meta.dirname, '../..')
/** The file that Node runs, in the folder of the parts. */
export const ENTRY = 'presence.cjs'
/**
 * The size of a part in bytes. Compressed and in base64 it takes about a third of that. So no part reaches
 * the 256 KiB that the annotation of a client-side apply may take, however large the program becomes.
 */
const PART_BYTES = 384 << 10

/** The command `presence` in parts, made from this checkout. */
export interface ServerProgram {
  /** For each ConfigMap: the files to put into one folder, as text and in base64. */
  readonly parts: readonly {
    readonly text: Readonly<Record<string, string>>
    readonly binary: Readonly<Record<string, string>>
  }[]
  /**
   * SHA-256 of the code, in hex, before it is compressed: two versions of Node may compress it differently.
   */
  readonly hash: string
}

/** Joins, unpacks and runs the parts in the same folder. */
const unpack = (parts: number) => `const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { runInThisContext } = require('node:vm')
const { brotliDecompressSync } = require('node:zlib')
const part = (_, at) => brotliDecompressSync(readFileSync(join(__dirname, 'part-' + at + '.br')))
const code = Buffer.concat(Array.from({ length: ${parts} }, part))
runInThisContext('(function (require, module, exports) {' + code + '\\n})', 'presence.js')(require, module, exports)
`

/** Bundles the whole command: in memory, so that no built file can be older than its source. */
export async function bundleServer(): Promise<ServerProgram> {
  const build = await rolldown({
    input: join(ROOT, 'packages/cli/src/main.ts'),
    platform: 'node',
    resolve: {
      alias: { ...CORE_ENTRIES, 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    },
    moduleTypes: { '.bash': 'text', '.zsh': 'text', '.fish': 'text' },
    plugins: [migrationsPlugin(), deferPlugin(), viewerPlugin()],
  })
  try {
    const { output } = await build.generate({
      format: 'cjs',
      codeSplitting: false,
      minify: true,
      dynamicImportInCjs: false,
    })
    return inParts(Buffer.from(output[0].code))
  } finally {
    await build.close()
  }
}

function inParts(code: Buffer): ServerProgram {
  const count = Math.ceil(code.length / PART_BYTES)
  const entry = unpack(count)
  // The highest quality, 11, takes two seconds and saves only a twelfth.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
  const parts = Array.from({ length: count }, (_, at) => {
    const packed = brotliCompressSync(code.subarray(at * PART_BYTES, (at + 1) * PART_BYTES), { params })
    return {
      text: at === 0 ? { [ENTRY]: entry } : {},
      binary: { [`part-${at}.br`]: packed.toString('base64') },
    }
  })
  return { parts, hash: createHash('sha256').update(entry).update(code).digest('hex') }
}
