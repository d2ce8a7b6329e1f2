import { InvalidArgumentError, Option } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

interface Options extends Globals {
  readonly host: string
  readonly port: number
  readonly tokenFile?: string
  readonly allowedHost?: readonly string[]
  readonly rateLimit?: number
  readonly log: 'json' | 'text' | 'none'
}

export const serveCommand: AddCommand = (program, io, done) =>
  program
    .command('serve')
    .summary('serve the board over HTTP')
    .description(
      'Serve the board over HTTP, for sessions without a database account and for other languages, until Ctrl-C. Its API is described at /docs, and at /openapi.json for programs.',
    )
    .option(
      '--host <address>',
      'the address to listen on; an address that others can reach needs --token-file',
      '127.0.0.1',
    )
    .option('--port <port>', 'the port to listen on; 0 for any that is free', portOf, 8787)
    .option('--token-file <file>', 'require an access token from this file; see: presence token --help')
    .option(
      '--allowed-host <name...>',
      'more host names to accept in requests: name, or name:port; localhost is always accepted',
    )
    .option(
      '--rate-limit <requests>',
      'requests per minute for each access token (default: 6000), or, without --token-file, for each address (default: 120000); 0 for no limit',
      countOf,
    )
    .addOption(
      new Option('--log <format>', 'a line for each request, on standard error')
        .choices(['text', 'json', 'none'])
        .default('text'),
    )
    .addHelpText('after', '\nExample: presence serve --port 8787')
    .action((_, command) => done(serve(command.optsWithGlobals(), io)))

async function serve({ host, port, log, ...options }: Options, io: Io): Promise<ExitStatus> {
  const [server, { interruption }] = await Promise.all([
    import('@presence/server'),
    import('../interruption.ts'),
  ])
  const { dsn, tokenFile, allowedHost = [], rateLimit } = options
  try {
    const running = await server.serve({
      host,
      port,
      log,
      write: io.err,
      version: manifest.version,
      env: io.env,
      cwd: io.cwd,
      allowedHosts: allowedHost,
      ...(dsn === undefined ? {} : { dsn }),
      ...(tokenFile === undefined ? {} : { tokenFile }),
      ...(rateLimit === undefined ? {} : { perMinute: rateLimit }),
    })
    const signal = interruption()
    io.out(`presence: serving on ${running.url}`)
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    await running.close()
    return EXIT.done
  } catch (error) {
    return printFault(error, options, io, true)
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535')
  return port
}

function countOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a limit is a number of requests')
  return Number(text)
}
