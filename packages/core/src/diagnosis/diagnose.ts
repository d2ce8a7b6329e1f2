import { type BoardPlace, resolveBoard } from '../config/board.ts'
import { readConfigs } from '../config/file.ts'
import type { Environment } from '../config/folders.ts'
import { DEADLINE_MS_DEFAULT, Deadline } from '../deadline.ts'
import { queueOf } from '../queue/file.ts'
import { probe } from '../store/probe.ts'
import { checkConfig, sourceOf } from './config.ts'
import { checkFile } from './file.ts'
import { brokenBy, type Finding } from './finding.ts'
import { checkIdentity } from './identity.ts'
import { judgeNode } from './node.ts'
import { checkQueue } from './queue.ts'
import { checkServer } from './server.ts'

export interface DiagnoseOptions {
  readonly dsn?: string
  readonly session?: string
  readonly env?: Environment
  readonly cwd?: string
  /** The most that it may take in all, in milliseconds. */
  readonly deadlineMs?: number
}

export interface Diagnosis {
  readonly findings: readonly Finding[]
  /** How many of them are broken. */
  readonly broken: number
}

/** What every check may ask about. */
interface Context {
  readonly options: DiagnoseOptions
  readonly env: Environment
  readonly cwd: string
  readonly deadline: Deadline
}

/** One subject. It changes nothing, and ends within the deadline. */
type Check = (context: Context) => Promise<readonly Finding[]>

const CHECKS: readonly Check[] = [
  checkBoard,
  async ({ options, env }) => [checkIdentity(options.session, env)],
  ({ cwd, env }) => checkConfig(cwd, env),
  async () => [judgeNode(process.versions.node)],
]

/** Runs every check. A new subject is one more of them. */
export async function runChecks(options: DiagnoseOptions): Promise<Diagnosis> {
  const context: Context = {
    options,
    env: options.env ?? process.env,
    cwd: options.cwd ?? process.cwd(),
    deadline: Deadline.after(options.deadlineMs ?? DEADLINE_MS_DEFAULT),
  }
  const found = await Promise.all(
    CHECKS.map(check => check(context).catch(error => [brokenBy('doctor', error)])),
  )
  const findings = found.flat()
  return { findings, broken: findings.filter(({ status }) => status === 'broken').length }
}

async function checkBoard({ options, env, cwd, deadline }: Context): Promise<readonly Finding[]> {
  let place: BoardPlace
  try {
    place = await resolveBoard(options.dsn, env, cwd)
  } catch (error) {
    // A bad config file has a finding of its own; a password file, whose fault has the same code, hasn't.
    const configs = await probe(() => readConfigs(cwd, env))
    return 'fault' in configs ? [] : [brokenBy('dsn', error)]
  }
  const { dsn } = place
  if (dsn.scheme === 'sqlite') return [sourceOf(place), ...(await checkFile(dsn.file, deadline))]
  return [sourceOf(place), ...(await checkServer(dsn, deadline)), ...checkQueue(queueOf(dsn, env))]
}
