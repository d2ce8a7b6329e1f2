import { join, resolve } from 'node:path'
import { configFolder, oneLine } from '@presence/core/internal'
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

type TokenFiles = typeof import('@presence/server')

export const tokenCommand: AddCommand = (program, io, done) => {
  const token = program
    .command('token')
    .summary('manage who may use a server')
    .description(
      "Add, list and remove the tokens of a server's token file. A running server applies a change within a second.",
    )
    .addHelpText('after', '\nExample: presence token --help')
  const withFile = (command: Command) =>
    command.option('--file <file>', 'the token file (default: tokens in the folder of your configuration)')
  withFile(token.command('add'))
    .summary('make a token')
    .description(
      "Make a token and print it once. The token file stores only the token's hash and the session ids that it may be used for.",
    )
    .argument('<name>', 'its name in the log')
    .requiredOption(
      '--as <pattern...>',
      'the session ids that it may be used for; * stands for any characters',
    )
    .addHelpText('after', '\nExample: presence token add ana --as "ana@*" --file ./tokens')
    .action((name: string, _, command: Command) =>
      done(
        tokens(command.optsWithGlobals(), io, (server, path, options) =>
          add(server, path, name, options.as ?? []),
        ),
      ),
    )
  withFile(token.command('list'))
    .summary('list the tokens')
    .description('Show the names of the tokens, and the session ids that each may be used for.')
    .addHelpText('after', '\nExample: presence token list --file ./tokens')
    .action((_, command: Command) => done(tokens(command.optsWithGlobals(), io, list)))
  withFile(token.command('remove'))
    .summary('remove a token')
    .description('Remove a token, so that a server no longer accepts it.')
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
  const path =
    options.file === undefined ? join(configFolder(io.env), 'tokens') : resolve(io.cwd, options.file)
  try {
    return print(work(await import('@presence/server'), path, options), options, io)
  } catch (error) {
    return printFault(error, options, io, true)
  }
}

function add({ addToken }: TokenFiles, path: string, name: string, as: readonly string[]): Answer {
  const token = addToken(path, name, as, new Date())
  return {
    lines: [token],
    json: { name, as, token, file: path },
    notes: [
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
        : found.map(({ name, as }) => `${name.padEnd(width)}  ${as.map(oneLine).join('  ')}`),
    json: found.map(({ name, as, created_at }) => ({ name, as, created_at: created_at ?? null })),
  }
}

function remove({ removeToken }: TokenFiles, path: string, name: string): Answer {
  removeToken(path, name)
  return { lines: [`presence: removed the token ${name}`], json: { name, file: path } }
}
