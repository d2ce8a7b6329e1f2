import { oneLine } from '@presence/core/internal'
import { type Diagnosis, diagnose, type Finding } from '@presence/doctor'
import { callMs, print } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

interface Options extends Globals {
  readonly hooks?: boolean
  readonly mcp?: boolean
}

export const doctorCommand: AddCommand = (program, io, done) =>
  program
    .command('doctor')
    .summary('find what is wrong, and how to fix it')
    .description(
      'Check the board, your session, the config files and the clock, and say how to fix each problem. Changes nothing. Exit status 3 if something is broken.',
    )
    .option('--hooks', "instead, run each agent's hooks with a sample event, and show how long each took")
    .option('--mcp', 'instead, start presence mcp as each agent would, and send it a request')
    .addHelpText('after', '\nExample: presence doctor')
    .action((_, command) => done(doctor(command.optsWithGlobals(), io)))

/**
 * Prints the findings. Exits 3 if anything is broken; a board that doesn't answer counts as broken here, with
 * or without `--strict`.
 */
async function doctor(options: Options, io: Io): Promise<ExitStatus> {
  const diagnosis = options.hooks || options.mcp ? await checkWiring(options, io) : await check(options, io)
  const { findings, broken } = diagnosis
  print(
    { lines: [...findings.map(finding => lineOf(finding, io)), verdictOn(broken)], json: diagnosis },
    options,
    io,
  )
  return broken === 0 ? EXIT.done : EXIT.fault
}

function check({ dsn, session }: Options, { env, cwd }: Io): Promise<Diagnosis> {
  return diagnose({
    env,
    cwd,
    deadlineMs: callMs(),
    ...(dsn === undefined ? {} : { dsn }),
    ...(session === undefined ? {} : { session }),
  })
}

async function checkWiring({ hooks, mcp }: Options, { env, cwd }: Io): Promise<Diagnosis> {
  // Loaded only here, because it edits JSON as text and starts programs.
  const [{ checkHooks, checkMcp, diagnosisOf }, { findHandlers }, { findMcpServers }] = await Promise.all([
    import('@presence/doctor/wiring'),
    import('../wiring/find-hooks.ts'),
    import('../wiring/find-mcp.ts'),
  ])
  return diagnosisOf([
    ...(hooks ? await checkHooks(findHandlers(env, cwd), env, cwd) : []),
    ...(mcp ? await checkMcp(await findMcpServers(env, cwd), env, cwd) : []),
  ])
}

function lineOf({ check, status, message, remedy }: Finding, io: Io): string {
  const said = `presence: ${status.padEnd(6)}  ${check}: ${oneLine(message)}`
  if (remedy === undefined) return said
  return io.paint(status === 'broken' ? 'bold' : 'yellow', `${said} -- to fix it: ${oneLine(remedy)}`)
}

function verdictOn(broken: number): string {
  if (broken === 0) return 'presence: nothing is broken'
  return `presence: ${broken} ${broken === 1 ? 'thing is' : 'things are'} broken`
}
