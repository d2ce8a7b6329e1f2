import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { STEPS } from '../migrations/steps.ts'

const PREFIX = 'virtual:migrations/'
const FOLDER = join(import.meta.dirname, '../migrations')

/**
 * `import migrations from 'virtual:migrations/<dialect>'`: the folder's migrations in the order of their
 * journal, as data in the bundle, so that a built file can migrate a board without other files.
 */
export function migrationsPlugin() {
  return {
    name: 'migrations',
    resolveId: (id: string) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load: (id: string) =>
      id.startsWith(`\0${PREFIX}`)
        ? {
            code: `export default ${JSON.stringify(readMigrations(id.slice(PREFIX.length + 1)))}`,
            moduleType: 'js' as const,
          }
        : undefined,
  }
}

interface Journal {
  readonly entries: readonly { readonly idx: number; readonly tag: string }[]
}

/**
 * Reads a dialect's folder: its migrations in order. A statement ends at drizzle-kit's breakpoint.
 *
 * @throws Error if `migrations/steps.ts` doesn't say which clients a step locks out
 */
export function readMigrations(dialect: string) {
  const journal = JSON.parse(readFileSync(join(FOLDER, dialect, 'meta/_journal.json'), 'utf8')) as Journal
  return journal.entries.map(({ idx, tag }) => {
    const text = readFileSync(join(FOLDER, dialect, `${tag}.sql`), 'utf8')
    return {
      version: idx,
      tag,
      hash: createHash('sha256').update(text).digest('hex'),
      oldestClient: oldestClientOf(idx, tag),
      statements: text.split('--> statement-breakpoint').map(statement => statement.trim()),
    }
  })
}

function oldestClientOf(step: number, tag: string): number {
  const found = STEPS.find(each => each.step === step)
  if (!found) throw new Error(`migrations/steps.ts has no entry for ${tag}: add its oldestClient`)
  return found.oldestClient
}
