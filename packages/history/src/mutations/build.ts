import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'
import { migrationsPlugin } from '../../../../build/migrations-plugin.ts'
import type { Mutation } from './mutations.ts'

const CORE = join(import.meta.dirname, '../../../core')

/**
 * Copies the library, plants a mutation in the copy and builds it.
 *
 * @throws Error if an edit of the mutation doesn't match exactly
 * once: the code has changed, so the mutation must change
 */
export async function plant({ name, edits }: Mutation, folder: string): Promise<string> {
  const copy = join(folder, 'core')
  mkdirSync(copy, { recursive: true })
  cpSync(join(CORE, 'src'), join(copy, 'src'), { recursive: true })
  cpSync(join(CORE, 'package.json'), join(copy, 'package.json'))
  symlinkSync(join(CORE, 'node_modules'), join(copy, 'node_modules'))
  for (const { file, find, replace } of edits) {
    const path = join(copy, 'src', file)
    const text = readFileSync(path, 'utf8')
    const times = text.split(find).length - 1
    if (times !== 1)
      throw new Error(
        `the mutation "${name}" no longer applies: ${file} has its text ${times} times, not once:\n${find}`,
      )
    writeFileSync(
      path,
      text.replace(find, () => replace),
    )
  }
  await build({
    input: join(copy, 'src/index.ts'),
    platform: 'node',
    transform: { target: 'node22.16' },
    external: ['mysql2', 'fastest-levenshtein'],
    plugins: [migrationsPlugin()],
    output: { dir: join(copy, 'dist'), format: 'esm' },
    logLevel: 'warn',
  })
  return copy
}
