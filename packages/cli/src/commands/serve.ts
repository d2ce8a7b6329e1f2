import { InvalidArgumentError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { printFault } from '../answer.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import type { AddCommand } from '../run.ts'

interface Options extends Globals {
  readonly host: string
  readonly port: number
}

export const serveCommand: AddCommand = (program, io, done) =>
  program
    .command('serve')
    .summary('serve the board over HTTP')
    .description(
      'Serve the board over HTTP, for sessions without a database account and for other languages, until Ctrl-C. The documents are at /openapi.json.',
    )
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <port>', 'the port to listen on; 0 for any that is free', portOf, 8787)
    .addHelpText('after', '\nExample: presence serve --port 8787')
    .action((_, command) => done(serve(command.optsWithGlobals(), io)))

async function serve({ host, port, ...globals }: Options, io: Io): Promise<ExitStatus> {
  const [server, { interruption }] = await Promise.all([
    import('@presence/server'),
    import('../interruption.ts'),
  ])
  const { dsn } = globals
  try {
    const running = await server.serve({
      host,
      port,
      version: manifest.version,
      env: io.env,
      cwd: io.cwd,
      ...(dsn === undefined ? {} : { dsn }),
    })
    io.out(`presence: serving on ${running.url}`)
    const signal = interruption()
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    await running.close()
    return EXIT.done
  } catch (error) {
    return printFault(error, globals, io, true)
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535')
  return port
}
