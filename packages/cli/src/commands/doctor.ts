import { natureOf, oneLine } from '@presence/core/internal'
import { type Diagnosis, diagnose, type Finding } from '@presence/doctor'
import { print } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { callMs } from '../opening.ts'

interface Options extends Globals {
  readonly hooks?: boolean
  readonly mcp?: boolean
}

export const doctorCommand: AddCommand = (program, io, done) =>
  program
    .command('doctor')
    .summary('find what is wrong, and how to fix it')
    .description(
      "Check the board, the account's privileges, the schema, the clock, your session, the outbox, the config files and the files with secrets, and say how to fix each problem. Changes nothing. Exit status 2 if the board can't be used until you fix something, 3 if anything else is broken.",
    )
    .option(
      '--hooks',
      "run each agent's hooks with a sample event instead of the checks above; show how long each took, and try the board from Codex's sandbox",
    )
    .option(
      '--mcp',
      'start presence mcp as each agent would, and send it a request, instead of the checks above',
    )
    .addHelpText('after', '\nExample: presence doctor')
    .action((_, command) => done(doctor(command.optsWithGlobals(), io)))

/**
 * Prints the findings. Exits 2 if every command fails until somebody fixes something, and 3 if anything else is
 * broken. A board that doesn't answer counts as broken here, with or without `--strict`.
 */
async function doctor(options: Options, io: Io): Promise<ExitStatus> {
  const diagnosis = options.hooks || options.mcp ? await checkWiring(options, io) : await check(options, io)
  const { findings, broken } = diagnosis
  print(
    { lines: [...findings.map(finding => lineOf(finding, io)), verdictOn(broken)], json: diagnosis },
    options,
    io,
  )
  return statusOf(diagnosis)
}

export function statusOf({ findings, broken }: Diagnosis): ExitStatus {
  if (findings.some(({ code }) => code !== undefined && natureOf(code) === 'fix')) return EXIT.usage
  return broken === 0 ? EXIT.done : EXIT.fault
}

/** Everything that the board depends on here. */
export function check({ dsn, session }: Globals, { env, cwd }: Pick<Io, 'env' | 'cwd'>): Promise<Diagnosis> {
  return diagnose({
    env,
    cwd,
    deadlineMs: callMs(),
    ...(dsn === undefined ? {} : { dsn }),
    ...(session === undefined ? {} : { session }),
  })
}

/** @param only the agents whose hooks and servers are meant; by default all */
export async function checkWiring(
  { hooks, mcp }: Options,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
  only?: ReadonlySet<string>,
): Promise<Diagnosis> {
  // Loaded only here, because it edits JSON as text and starts programs.
  const [
    { checkHooks, checkMcp, checkSandbox, checkTrust, diagnosisOf },
    { findHandlers },
    { trustsOf },
    { findMcpServers },
  ] = await Promise.all([
    import('@presence/doctor/wiring'),
    import('../wiring/find-hooks.ts'),
    import('../wiring/agent-trust.ts'),
    import('../wiring/find-mcp.ts'),
  ])
  const isMeant = ({ agent }: { readonly agent: string }) => only === undefined || only.has(agent)
  const handlers = findHandlers(env, cwd).filter(isMeant)
  const servers = (await findMcpServers(env, cwd)).filter(isMeant)
  const withTools = new Set(servers.map(({ agent }) => agent))
  const agents = new Set([...handlers.map(({ agent }) => agent), ...withTools])
  return diagnosisOf([
    ...(hooks ? await checkHooks(handlers, env, cwd) : []),
    ...(hooks ? checkTrust(await trustsOf(handlers, env, cwd)) : []),
    ...(mcp ? await checkMcp(servers, env, cwd) : []),
    ...(await checkSandbox({ agents, withTools }, env, cwd)),
  ])
}

/** A finding as doctor prints it. */
export function lineOf({ check, status, message, remedy }: Finding, io: Io): string {
  const said = `presence: ${status.padEnd(6)}  ${check}: ${oneLine(message)}`
  if (remedy === undefined) return said
  return io.paint(status === 'broken' ? 'bold' : 'yellow', `${said} -- to fix it: ${oneLine(remedy)}`)
}

function verdictOn(broken: number): string {
  if (broken === 0) return 'presence: nothing is broken'
  return `presence: ${broken} ${broken === 1 ? 'thing is' : 'things are'} broken`
}
