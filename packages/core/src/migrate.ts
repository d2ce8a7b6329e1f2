import { resolveBoard } from './config/board.ts'
import type { Environment } from './config/folders.ts'
import type { MigrateOptions, MigrationReport } from './store/migration.ts'

/**
 * Brings a board's schema to what this presence needs: locked, safe to run twice and side by side.
 *
 * @throws PresenceError also where an advisory call would only warn
 */
export async function migrate(
  options: MigrateOptions & { readonly dsn?: string; readonly env?: Environment; readonly cwd?: string } = {},
): Promise<MigrationReport> {
  const { dsn } = await resolveBoard(options.dsn, options.env ?? process.env, options.cwd ?? process.cwd())
  if (dsn.scheme === 'sqlite') {
    const { migrateFile } = await import('./store/sqlite/migrate-file.ts')
    return migrateFile(dsn.file, options)
  }
  const { migrateServer } = await import('./store/mysql/migrate/server.ts')
  return migrateServer(dsn, options)
}
