import { BRANCH_DEFAULT, type ServerDsn } from '../config/dsn.ts'

/** A file's name has 255 bytes at most, and what follows this in a queue's files takes some 20. */
const LENGTH_MAX = 200

/**
 * What one board's queue is called among others: its host, port and database, and its branch where that isn't the
 * default. Each branch has tables of its own, so what was said on one may not be told to another. An engine without
 * branches has one board, however that is asked for.
 */
export function queueName(dsn: ServerDsn): string {
  const { shown } = dsn
  const { branch = BRANCH_DEFAULT } = dsn.scheme === 'mysql' ? dsn : {}
  // Only here an @ and a dot are of the name's own making: the endings of a queue's files follow a dot.
  const onBranch = branch === BRANCH_DEFAULT ? '' : `@${encodeURIComponent(branch).replaceAll('.', '%2E')}`
  const name = encodeURIComponent(shown) + onBranch
  if (name.length <= LENGTH_MAX) return name
  const hash = `~${hashOf(name)}`
  return name.slice(0, LENGTH_MAX - hash.length) + hash
}

/** FNV-1a in 64 bits. node:crypto would take 8 ms of every command, which is bundled with this. */
function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x00000100000001b3n)
  return hash.toString(36)
}
