import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { hasGo } from '../../toolchain/build.mjs'
import { hasNpmProgram } from '../../toolchain/npm.mjs'
import { CiJob } from './ci-job.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const NODE = join(ROOT, 'node_modules/node/bin/node')
/** The PATH of an image for CI jobs, with presence as its single file and a Node. */
const PATH = `${join(ROOT, 'dist')}:${join(ROOT, 'node_modules/node/bin')}:${process.env['PATH']}`

/** The inputs that a CI system gives its jobs, and the number of the run on the runner. */
interface Given {
  /** A checkout with `deploy.sh`. */
  readonly project: string
  readonly dsn: string
  readonly password: string
  readonly run: number
}

/** A CI system that runs its snippet from `docs/ci`. */
export interface Ci {
  readonly name: string
  /** Whether it is available here. */
  readonly here: boolean
  /**
   * Provides the program that runs its jobs. It is built or downloaded into the cache outside the tree if
   * necessary.
   */
  ready(): Promise<unknown>
  /** Starts the deploy job. */
  start(given: Given): CiJob
  /** A pattern for the expected session id of this run's job. */
  session(run: number): RegExp
  /** Cancels the job as this CI's own runner does. */
  cancel(job: CiJob): void
  /** Whether a job that is cancelled this way releases its claims. Otherwise they lapse. */
  readonly letsGo: boolean
}

/** The real runner of `act`, in its mode without containers. */
export const github: Ci = {
  name: 'GitHub Actions',
  here: hasGo(),
  ready: act,
  start({ project, dsn, password, run }) {
    commit(project, '.github/workflows/deploy.yml', 'github-actions.yml')
    const secrets = besides(project, 'secrets', `PRESENCE_PASSWORD="${password}"\n`)
    return new CiJob(
      [
        ...[actProgram, 'push', '-P', 'self-hosted=-self-hosted', '--env', `GITHUB_RUN_ID=${run}`],
        // It skips actions/checkout if the folder to check out is the folder that it runs in.
        ...['--var', `PRESENCE_DSN=${dsn}`, '--secret-file', secrets, '--container-daemon-socket', '-'],
      ],
      { cwd: project, env: environment(project) },
    )
  },
  session: run => new RegExp(`^github:acme/shop:${run}:deploy:1$`),
  // The first signal goes only to the step's own process, the second follows 7.5 s later. Act runs a step on
  // a terminal, where `presence run` takes SIGINT for Ctrl-C: it expects that the command got the signal too,
  // and doesn't pass it on. GitHub's runner uses no terminal.
  cancel: job => job.signal(job.processes().slice(1, 2), 'SIGINT', 'SIGTERM'),
  letsGo: true,
}

/** gitlab-ci-local, with the shell executor. */
export const gitlab: Ci = {
  name: 'GitLab CI',
  // A new contributor's `npm test` downloads nothing. CI does.
  here: process.env['CI'] !== undefined || hasNpmProgram('gitlab-ci-local'),
  ready: fetchGitlab,
  start({ project, dsn, password }) {
    commit(project, '.gitlab-ci.yml', 'gitlab-ci.yml')
    const variables = {
      PRESENCE_DSN: dsn,
      PRESENCE_PASSWORD_FILE: { type: 'file', values: { '*': password } },
    }
    // JSON is valid YAML.
    writeFileSync(join(project, '.gitlab-ci-local-variables.yml'), JSON.stringify(variables))
    return new CiJob([NODE, gitlabCiLocal, 'deploy', '--force-shell-executor'], {
      cwd: project,
      env: environment(project),
    })
  },
  // It numbers pipelines per project, and jobs at random.
  session: () => /^gitlab:acme\/shop:\d+:deploy:\d+$/,
  // Signals every process of the script.
  cancel: job => job.signal(job.processes().slice(1), 'SIGTERM'),
  letsGo: true,
}

/**
 * Woodpecker's runner is not used, because its module can't be fetched through a module proxy. As its local
 * backend does, this runs the commands in one `sh -e -c`, with Woodpecker's documented variables and those of
 * the step.
 */
export const woodpecker: Ci = {
  name: 'Woodpecker (its commands, run as its local backend does)',
  here: true,
  ready: async () => {},
  start({ project, dsn, password, run }) {
    const { steps } = parse(readFileSync(join(ROOT, 'docs/ci/woodpecker.yml'), 'utf8'))
    const [{ name, environment: own, commands }] = steps
    const env = {
      ...environment(project),
      CI: 'woodpecker',
      CI_REPO: 'acme/shop',
      CI_COMMIT_SHA: headOf(project),
      CI_PIPELINE_NUMBER: `${run}`,
      CI_WORKFLOW_NUMBER: '1',
      CI_STEP_NAME: name,
      ...Object.fromEntries(
        Object.entries(own as Record<string, string | { from_secret: string }>).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : ({ presence_password: password }[value.from_secret] ?? ''),
        ]),
      ),
      // The DSN in the snippet is only an example.
      PRESENCE_DSN: dsn,
    }
    return new CiJob(['/bin/sh', '-e', '-c', commands.join('\n')], { cwd: project, env })
  },
  session: run => new RegExp(`^woodpecker:acme/shop:${run}:1:deploy$`),
  // Kills all processes, as happens when the container ends: none of them gets another signal first
  // (woodpecker-ci/woodpecker#6492).
  cancel: job => job.signal(job.processes(), 'SIGKILL'),
  letsGo: false,
}

/** Turns a folder into a checkout with this script as `deploy.sh`. */
export function checkOut(project: string, deploy: string): void {
  mkdirSync(project)
  writeFileSync(join(project, 'deploy.sh'), deploy, { mode: 0o755 })
  git(project, 'init', '--quiet', '--initial-branch=main')
  git(project, 'remote', 'add', 'origin', 'https://github.com/acme/shop.git')
  record(project)
}

/** The commit that a job of this checkout deploys. */
export function headOf(project: string): string {
  return git(project, 'rev-parse', 'HEAD').trim()
}

function commit(project: string, path: string, snippet: string): void {
  mkdirSync(join(project, path, '..'), { recursive: true })
  writeFileSync(join(project, path), readFileSync(join(ROOT, 'docs/ci', snippet)))
  record(project)
}

function record(project: string): void {
  git(project, 'add', '--all')
  git(project, '-c', 'user.name=ana', '-c', 'user.email=ana@example', 'commit', '--quiet', '-m', 'a change')
}

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8' })
}

/** Only PATH, and a home folder next to the project's folder. */
function environment(project: string): Record<string, string> {
  return { PATH, HOME: `${project}.home` }
}

function besides(project: string, name: string, text: string): string {
  const path = `${project}.${name}`
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

let actProgram = ''
async function act(): Promise<void> {
  actProgram = join(await made('build.mjs', 'act'), 'act')
}

let gitlabCiLocal = ''
async function fetchGitlab(): Promise<void> {
  gitlabCiLocal = await made('npm.mjs', 'gitlab-ci-local')
}

/**
 * Runs a script of the toolchain and returns the path that it prints. Not in this process, which must respond
 * to the test runner in the meantime.
 */
async function made(script: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(NODE, [join(ROOT, 'toolchain', script), ...args])
  return stdout.trim()
}
