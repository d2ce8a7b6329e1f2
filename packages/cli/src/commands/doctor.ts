import { type Diagnosis, diagnose, type Finding } from '@presence/core'
import { oneLine } from '@presence/core/internal'
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
async function doctor({ hooks = false, mcp = false, ...globals }: Options, io: Io): Promise<ExitStatus> {
  if (hooks || mcp) {
    // Loaded here because no other verb needs the code that edits JSON as text and starts programs.
    const [{ checkHooks }, { checkMcp }] = await Promise.all([
      import('../wiring/check.ts'),
      import('../wiring/check-mcp.ts'),
    ])
    const findings = [
      ...(hooks ? await checkHooks(io.env, io.cwd) : []),
      ...(mcp ? await checkMcp(io.env, io.cwd) : []),
    ]
    return tell(
      { findings, broken: findings.filter(({ status }) => status === 'broken').length },
      globals,
      io,
    )
  }
  const diagnosis = await diagnose({
    env: io.env,
    cwd: io.cwd,
    deadlineMs: callMs(),
    ...(globals.dsn === undefined ? {} : { dsn: globals.dsn }),
    ...(globals.session === undefined ? {} : { session: globals.session }),
  })
  return tell(diagnosis, globals, io)
}

function tell(diagnosis: Diagnosis, globals: Globals, io: Io): ExitStatus {
  const { findings, broken } = diagnosis
  print(
    { lines: [...findings.map(finding => lineOf(finding, io)), verdictOn(broken)], json: diagnosis },
    globals,
    io,
  )
  return broken === 0 ? EXIT.done : EXIT.fault
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
