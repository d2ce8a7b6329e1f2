import { accessSync, constants, existsSync, statSync } from 'node:fs'
import type { ServerDsn } from '../config/dsn.ts'
import type { Environment } from '../config/folders.ts'
import { nearestFolder } from '../config/nearest-folder.ts'
import { type Probe, probe } from '../store/probe.ts'
import type { Failing } from './failures.ts'
import { freeBytesAt, full, outboxFault } from './fault.ts'
import { type OutboxFile, outboxOf } from './file.ts'

/** Room for a few outbox entries: each takes a few kilobytes at most. */
const FREE_BYTES_MIN = 64 * 1024

/** The state of a board's outbox, read without creating or changing anything. */
export interface OutboxFacts {
  /** How many entries wait, or why nothing could be added or delivered. */
  readonly waiting: Probe<number>
  /** The file with the dead letters; undefined if there are none. */
  readonly deadLetterFile: string | undefined
  readonly failures: readonly Failing[]
  /** When the server last gave no answer, if the circuit breaker is open. */
  readonly openSince: Date | undefined
}

export async function outboxFacts(dsn: ServerDsn, env: Environment): Promise<OutboxFacts> {
  const outbox = outboxOf(dsn, env)
  return {
    waiting: await probe(() => {
      refuseUnusable(outbox)
      return outbox.waiting()
    }),
    deadLetterFile: existsSync(outbox.deadLetterFile) ? outbox.deadLetterFile : undefined,
    failures: Object.values(outbox.failures.all()),
    openSince: outbox.breaker.openSince,
  }
}

/** @throws OutboxFault if an entry could not be written or delivered */
function refuseUnusable({ folder, files }: OutboxFile): void {
  try {
    const nearest = nearestFolder(folder)
    if (!statSync(nearest).isDirectory()) throw odd('ENOTDIR', nearest)
    accessSync(nearest, constants.W_OK | constants.X_OK)
    for (const file of files) {
      const found = statSync(file, { throwIfNoEntry: false })
      if (!found) continue
      if (!found.isFile()) throw odd('EISDIR', file)
      accessSync(file, constants.R_OK | constants.W_OK)
    }
  } catch (error) {
    throw outboxFault(error, folder)
  }
  if ((freeBytesAt(folder) ?? FREE_BYTES_MIN) < FREE_BYTES_MIN) throw full(folder)
}

function odd(code: string, path: string): Error {
  return Object.assign(new Error(code), { code, path })
}
