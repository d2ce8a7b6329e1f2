import { type BoardPlace, resolveBoard } from '../config/board.ts'
import { readConfigs } from '../config/file.ts'
import type { Environment } from '../config/folders.ts'
import { DEADLINE_MS_DEFAULT, Deadline } from '../deadline.ts'
import { resolveIdentity } from '../identity/resolve.ts'
import { outboxOf } from '../outbox/file.ts'
import { type Probe, probe } from '../store/probe.ts'
import { checkConfig, sourceOf } from './config.ts'
import { checkFile } from './file.ts'
import { brokenBy, type Finding } from './finding.ts'
import { checkIdentity } from './identity.ts'
import { judgeNode } from './node.ts'
import { checkOutbox } from './outbox.ts'
import { checkRemote } from './remote.ts'
import { checkServer } from './server.ts'

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

/** The result of `diagnose`. */
export interface Diagnosis {
  /** The results of all checks. */
  readonly findings: readonly Finding[]
  /** How many findings are broken. */
  readonly broken: number
}

/** What the checks need. */
interface Context {
  readonly options: DiagnoseOptions
  readonly env: Environment
  readonly cwd: string
  readonly deadline: Deadline
  /** Resolved once, for all checks. */
  readonly place: Probe<BoardPlace>
}

/** Checks one subject. It changes nothing and ends within the deadline. */
type Check = (context: Context) => Promise<readonly Finding[]>

const CHECKS: readonly Check[] = [
  checkBoard,
  async ({ place, env }) =>
    'value' in place && place.value.dsn.scheme !== 'sqlite'
      ? checkOutbox(outboxOf(place.value.dsn, env))
      : [],
  async ({ options, env }) => [checkIdentity(options.session, env)],
  ({ cwd, env }) => checkConfig(cwd, env),
  async () => [judgeNode(process.versions.node)],
]

/** Runs all checks concurrently. Add a new check to `CHECKS`. */
export async function runChecks(options: DiagnoseOptions): Promise<Diagnosis> {
  const { env = process.env, cwd = process.cwd(), deadlineMs = DEADLINE_MS_DEFAULT } = options
  const deadline = Deadline.after(deadlineMs)
  const place = await probe(() => resolveBoard(options.dsn, env, cwd))
  const context: Context = { options, env, cwd, deadline, place }
  const found = await Promise.all(
    CHECKS.map(check => check(context).catch(error => [brokenBy('doctor', error)])),
  )
  const findings = found.flat()
  return { findings, broken: findings.filter(({ status }) => status === 'broken').length }
}

async function checkBoard({ place, options, env, cwd, deadline }: Context): Promise<readonly Finding[]> {
  if ('fault' in place) {
    // `checkConfig` reports a bad config file. It doesn't report a bad password file, which has the same
    // code.
    const configs = await probe(() => readConfigs(cwd, env))
    return 'fault' in configs ? [] : [brokenBy('dsn', place.fault)]
  }
  const { dsn } = place.value
  const found =
    dsn.scheme === 'sqlite'
      ? checkFile(dsn.file, deadline)
      : dsn.scheme === 'mysql'
        ? checkServer(dsn, deadline)
        : checkRemote(dsn, resolveIdentity(options.session, env), deadline)
  return [sourceOf(place.value), ...(await found)]
}
