import { join, resolve } from 'node:path'
import { configFolder, isNowhere, noHome, oneLine } from '@presence/core/internal'
import type { Command } from 'commander'
import { type Answer, print, printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

interface Options extends Globals {
  readonly file?: string
  readonly as?: readonly string[]
}

/** What a token without patterns acts as. */
const OWN = 'its own sessions'

type TokenFiles = typeof import('@presence/server')

export const tokenCommand: AddCommand = (program, io, done) => {
  const token = program
    .command('token')
    .summary('manage the access tokens of a presence server')
    .description(
      "Add, list and remove the access tokens in a server's token file. A running server applies a change within a second.",
    )
    .addHelpText('after', '\nExample: presence token --help')
  const withFile = (command: Command) =>
    command.option('--file <file>', 'the token file (default: tokens in the folder of your configuration)')
  withFile(token.command('add'))
    .summary('make an access token')
    .description(
      "Make an access token and print it once. The token file stores only the token's hash. The token acts as the sessions that use it, and as no session of another token: give each person and each CI system a token of their own. With --as it acts only as the sessions whose ids match a pattern, whoever they belong to.",
    )
    .argument('<name>', 'its name in the log')
    .option(
      '--as <pattern...>',
      'only the session ids that match one of these; * stands for any characters (default: its own sessions)',
    )
    .addHelpText(
      'after',
      '\nExamples: presence token add ana --file ./tokens\n          presence token add ci --as "ci-*" --file ./tokens',
    )
    .action((name: string, _, command: Command) =>
      done(
        tokens(command.optsWithGlobals(), io, (server, path, options) => add(server, path, name, options.as)),
      ),
    )
  withFile(token.command('list'))
    .summary('list the access tokens')
    .description('Show the names of the access tokens, and which sessions each acts as.')
    .addHelpText('after', '\nExample: presence token list --file ./tokens')
    .action((_, command: Command) => done(tokens(command.optsWithGlobals(), io, list)))
  withFile(token.command('remove'))
    .summary('remove an access token')
    .description('Remove an access token, so that a server no longer accepts it.')
    .argument('<name>', 'its name')
    .addHelpText('after', '\nExample: presence token remove ana --file ./tokens')
    .action((name: string, _, command: Command) =>
      done(tokens(command.optsWithGlobals(), io, (server, path) => remove(server, path, name))),
    )
}

async function tokens(
  options: Options,
  io: Io,
  work: (server: TokenFiles, path: string, options: Options) => Answer,
): Promise<ExitStatus> {
  try {
    const path = options.file === undefined ? defaultFile(io) : resolve(io.cwd, options.file)
    return print(work(await import('@presence/server'), path, options), options, io)
  } catch (error) {
    return printFault(error, options, io, true, { isBeside: true })
  }
}

/** @throws PresenceError `invalid_config` if this user has no folder for it */
function defaultFile({ env }: Io): string {
  const folder = configFolder(env)
  if (isNowhere(folder)) throw noHome('name the file: --file, or set HOME')
  return join(folder, 'tokens')
}

function add({ addToken }: TokenFiles, path: string, name: string, as?: readonly string[]): Answer {
  const token = addToken(path, name, as, new Date())
  return {
    lines: [token],
    json: { name, as: as ?? null, token, file: path },
    notes: [
      as
        ? `it acts as the sessions ${as.map(oneLine).join(', ')}`
        : `it acts as ${OWN}: those that no other token acted as before`,
      `this token is shown only once; ${oneLine(path)} stores only its hash`,
      `serve with: --token-file ${oneLine(path)}`,
    ],
  }
}

function list({ readTokens }: TokenFiles, path: string): Answer {
  const found = readTokens(path)
  const width = Math.max(0, ...found.map(({ name }) => name.length))
  return {
    lines:
      found.length === 0
        ? ['presence: the file has no tokens']
        : found.map(({ name, as }) => `${name.padEnd(width)}  ${as ? as.map(oneLine).join('  ') : OWN}`),
    json: found.map(({ name, as, created_at }) => ({ name, as: as ?? null, created_at: created_at ?? null })),
  }
}

function remove({ removeToken }: TokenFiles, path: string, name: string): Answer {
  removeToken(path, name)
  return { lines: [`presence: removed the token ${name}`], json: { name, file: path } }
}
