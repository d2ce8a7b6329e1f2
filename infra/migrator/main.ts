import { type AccountOptions, migrate, PresenceError } from '@presence/core'
import { versionNotes } from '@presence/core/internal'

/**
 * The program of the Job: the migration of `presence migrate`, configured by environment variables.
 *
 * - `PRESENCE_DSN` the board, without a password
 * - `PRESENCE_PASSWORD_FILE` the file that contains the password
 * - `PRESENCE_CREATE_DATABASE` `true` to create the database if it is missing
 * - `PRESENCE_ACCOUNTS` a JSON list of accounts to create, each with the file of its password
 *
 * Exits with 0 if the board is up to date, otherwise with 3. It prints the reason last, because Kubernetes
 * keeps the end of the log as the container's termination message.
 */
async function main(env: NodeJS.ProcessEnv): Promise<number> {
  const say = (line: string) => console.log(`presence: ${line}`)
  try {
    const report = await migrate({
      env,
      cwd: '/',
      createDatabase: env['PRESENCE_CREATE_DATABASE'] === 'true',
      accounts: JSON.parse(env['PRESENCE_ACCOUNTS'] ?? '[]') as AccountOptions[],
      onProgress: say,
    })
    const { present, applied, prepared, accounts } = report
    for (const step of prepared) say(`done: ${step}`)
    for (const tag of applied) say(`applied ${tag}`)
    for (const name of accounts) say(`created or updated the account ${name}`)
    say(
      applied.length === 0
        ? `the schema is up to date at ${present.at(-1)}`
        : `the schema is now ${applied.at(-1)}`,
    )
    for (const note of versionNotes(report)) say(note)
    return 0
  } catch (error) {
    console.error(
      error instanceof PresenceError
        ? `presence: ${error.message}\npresence: ${error.remedy}`
        : `presence: the migrator failed: ${(error as Error).message}`,
    )
    return 3
  }
}

main(process.env).then(status => {
  process.exitCode = status
})
