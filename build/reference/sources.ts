import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** The text of each source file of the packages, without tests. */
export function sources(pattern = 'packages/*/src/**/*.ts'): readonly string[] {
  return globSync(pattern, { cwd: ROOT })
    .filter(path => !path.endsWith('.test.ts'))
    .toSorted()
    .map(path => readFileSync(join(ROOT, path), 'utf8'))
}

export function source(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
