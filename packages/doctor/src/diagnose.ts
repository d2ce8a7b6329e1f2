import type { Environment } from '@presence/core'
import { DEADLINE_MS_DEFAULT, Deadline, probe, readConfigs, resolveBoard } from '@presence/core/internal'
import { checkBoard } from './board/check.ts'
import { checkConfig } from './config.ts'
import type { Check, Context } from './context.ts'
import { brokenBy, type Finding } from './finding.ts'
import { checkFolders } from './folders.ts'
import { checkIdentity } from './identity.ts'
import { checkNode } from './node.ts'
import { checkOutbox } from './outbox.ts'
import { checkSecretFiles } from './secret-files.ts'

/** The options of {@link diagnose}. */
export interface DiagnoseOptions {
  /**
   * The board's DSN.
   * @default as in `openBoard`
   */
  readonly dsn?: string
  /**
   * The id of this session.
   * @default as in `openBoard`
   */
  readonly session?: string
  /**
   * The environment variables to read.
   * @default `process.env`
   */
  readonly env?: Environment
  /**
   * The folder to search for config files.
   * @default `process.cwd()`
   */
  readonly cwd?: string
  /**
   * The time limit for all checks together, in milliseconds.
   * @default 2_000
   */
  readonly deadlineMs?: number
}

/** The result of {@link diagnose}. */
export interface Diagnosis {
  /** The results of all checks. */
  readonly findings: readonly Finding[]
  /** How many findings are broken. */
  readonly broken: number
}

/** Every check, in the order of its findings. Add a new one here. */
const CHECKS: readonly Check[] = [
  checkBoard,
  checkOutbox,
  checkFolders,
  checkIdentity,
  checkConfig,
  checkSecretFiles,
  checkNode,
]

/**
 * Checks everything that presence depends on here: the board, the identity of this session, the config files,
 * and Node. Changes nothing, ends within its deadline, and never throws: a check that can't be run is
 * reported as a broken finding.
 *
 * @example
 * ```ts
 * const { findings } = await diagnose()
 * for (const { check, status, message, remedy } of findings)
 *   if (status !== 'ok') console.log(`${check}: ${message}; ${remedy}`)
 * ```
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { dsn, session, env = process.env, cwd = process.cwd(), deadlineMs = DEADLINE_MS_DEFAULT } = options
  const deadline = Deadline.after(deadlineMs)
  const configs = await probe(() => readConfigs(cwd, env))
  const place = await probe(() => resolveBoard(dsn, env, cwd))
  const context: Context = { session, env, deadline, configs, place }
  const found = await Promise.all(CHECKS.map(check => run(check, context)))
  return diagnosisOf(found.flat())
}

async function run(check: Check, context: Context): Promise<readonly Finding[]> {
  try {
    return await check(context)
  } catch (error) {
    return [brokenBy('doctor', error)]
  }
}

/** The findings, counted. */
export function diagnosisOf(findings: readonly Finding[]): Diagnosis {
  return { findings, broken: findings.filter(({ status }) => status === 'broken').length }
}
