import { BRANCH_DEFAULT, type ServerDsn } from '../config/dsn.ts'

/** A file name has at most 255 bytes, and the endings of an outbox's files take some 20. */
const LENGTH_MAX = 200

/**
 * The file name of a board's outbox: host, port and database, plus the branch unless it is the default. Each
 * branch has its own tables, so calls made on one branch must not be delivered to another. An engine without
 * branches has one board, whatever branch the DSN names.
 */
export function queueName(dsn: ServerDsn): string {
  const { shown } = dsn
  const { branch = BRANCH_DEFAULT } = dsn.scheme === 'mysql' ? dsn : {}
  // The encoded parts have no `@` and no dot of their own: an `@` marks the branch, and a dot starts a file's
  // ending.
  const onBranch = branch === BRANCH_DEFAULT ? '' : `@${encodeURIComponent(branch).replaceAll('.', '%2E')}`
  const name = encodeURIComponent(shown) + onBranch
  if (name.length <= LENGTH_MAX) return name
  const hash = `~${hashOf(name)}`
  return name.slice(0, LENGTH_MAX - hash.length) + hash
}

/**
 * FNV-1a in 64 bits. Importing node:crypto would add 8 ms to every command, because this is bundled with all
 * of them.
 */
function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x00000100000001b3n)
  return hash.toString(36)
}
