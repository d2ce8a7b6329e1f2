import { join } from 'node:path'
import type * as core from '@presence/core'

/** The built product under test. */
export interface Product {
  readonly openBoard: typeof core.openBoard
  /** Passed in place of a label: all claims of a session. */
  readonly all: typeof core.all
  /** The built command, as arguments for Node. */
  readonly command: readonly string[]
  migrate(dsn: string): Promise<void>
}

/**
 * Loads the built product: this workspace's own, as a user's
 * program would, or the library that was built into `folder`.
 *
 * @param folder a copy of `packages/core`, for a mutated library
 */
export async function loadProduct(folder?: string): Promise<Product> {
  const library: typeof core = await import(folder ? join(folder, 'dist/index.js') : '@presence/core')
  return {
    openBoard: library.openBoard,
    all: library.all,
    command: [join(import.meta.dirname, '../../../cli/dist/presence.cjs')],
    migrate: async dsn => {
      await library.migrate({
        dsn,
        env: {},
        cwd: '/',
        ...(dsn.startsWith('sqlite:') ? {} : { createDatabase: true }),
      })
    },
  }
}
