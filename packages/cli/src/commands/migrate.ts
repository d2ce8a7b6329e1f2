import { type AccountOptions, type MigrationReport, migrate as migrateBoard } from '@presence/core'
import { versionNotes } from '@presence/core/internal'
import { InvalidArgumentError, Option } from 'commander'
import { print, printFault } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

interface Options extends Globals {
  readonly status?: boolean
  readonly dryRun?: boolean
  readonly createDatabase?: boolean
  readonly account?: readonly AccountOptions[]
}

export const migrateCommand: AddCommand = (program, io, done) =>
  program
    .command('migrate')
    .summary("create or update the board's tables on a database server")
    .description(
      "Create or update the board's tables. Safe to run again and at the same time elsewhere. On Dolt it also protects them from other tools' commits and resets.",
    )
    .option('--status', 'show what the board has and lacks, and change nothing')
    .addOption(new Option('--dry-run', 'show what would be done, and change nothing').conflicts('status'))
    .option('--create-database', "create the DSN's database if the server lacks it")
    .addOption(
      new Option(
        '--account <name=file>',
        "create a database account with the rights that presence needs; its password is the file's first line; may be repeated",
      )
        .argParser(addAccount)
        .conflicts('status'),
    )
    .addHelpText('after', '\nExample: presence migrate --dry-run')
    .action((_, command) => done(migrate(command.optsWithGlobals(), io)))

function addAccount(text: string, previous: readonly AccountOptions[] = []): readonly AccountOptions[] {
  const [, name, passwordFile] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || passwordFile === undefined)
    throw new InvalidArgumentError('write it as name=file, for instance presence=./presence.password')
  return [...previous, { name, passwordFile }]
}

/** Never fails open: if the board doesn't answer, it exits 3, with or without `--strict`. */
async function migrate(
  { status = false, dryRun = false, createDatabase = false, account = [], ...globals }: Options,
  io: Io,
): Promise<ExitStatus> {
  try {
    const report = await migrateBoard({
      env: io.env,
      cwd: io.cwd,
      dryRun: status || dryRun,
      createDatabase,
      accounts: account,
      onProgress: line => io.err(`presence: ${line}`),
      ...(globals.dsn === undefined ? {} : { dsn: globals.dsn }),
    })
    const { present, applied, prepared, accounts } = report
    const versions = versionsJson(report)
    const lines = status ? statusLines(report) : doneLines(report, dryRun)
    const json =
      status || dryRun
        ? { present, pending: applied, to_prepare: prepared, accounts, ...versions }
        : { present, applied, prepared, accounts, ...versions }
    return print({ lines, json }, globals, io)
  } catch (error) {
    return printFault(error, globals, io, true)
  }
}

/** With `--status` and `--dry-run`, these are the versions that the board would have after a migration. */
function versionsJson({ version, oldestClient, clientVersion, locksOutBelow }: MigrationReport) {
  return {
    version,
    oldest_client: oldestClient,
    client_version: clientVersion,
    locks_out_below: locksOutBelow ?? null,
  }
}

function statusLines(report: MigrationReport): readonly string[] {
  const { present, applied, prepared } = report
  return [
    ...present.map(tag => `presence: applied  ${tag}`),
    ...applied.map(tag => `presence: pending  ${tag}`),
    ...prepared.map(step => `presence: to do: ${step}`),
    ...versionLines(report, true),
    applied.length + prepared.length === 0 ? 'presence: up to date' : 'presence: run: presence migrate',
  ]
}

function doneLines(report: MigrationReport, dryRun: boolean): readonly string[] {
  const { applied, prepared, accounts } = report
  const lines = [
    ...prepared.map(step => `presence: ${dryRun ? 'would do' : 'done'}: ${step}`),
    ...applied.map(tag => `presence: ${dryRun ? 'would apply' : 'applied'} ${tag}`),
    ...accounts.map(
      name => `presence: ${dryRun ? 'would create or update' : 'created or updated'} the account ${name}`,
    ),
  ]
  return [
    ...(lines.length > 0 ? lines : ['presence: up to date: nothing to do']),
    ...versionLines(report, dryRun),
  ]
}

function versionLines(report: MigrationReport, dryRun: boolean): readonly string[] {
  return versionNotes(report, dryRun).map(note => `presence: ${note}`)
}
