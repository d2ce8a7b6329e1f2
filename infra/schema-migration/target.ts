import type { InfraConfig } from '../config/shape.ts'

/** Where in the Job's container things stand. */
export const MOUNTS = { migrator: '/migrator', secrets: '/secrets', trust: '/trust' } as const

/** Which of the configured passwords there are: keys of the Secret, and files below `MOUNTS.secrets`. */
export type PasswordName = 'password' | 'presencePassword' | 'beadsPassword'

/** What the migrator is told by its environment. No password is in it, only where the files are that hold one. */
export function environmentOf(config: InfraConfig): Readonly<Record<string, string>> {
  const file = (name: PasswordName) => `${MOUNTS.secrets}/${name}`
  const accounts = [
    ...(config.presencePassword === undefined
      ? []
      : [{ name: 'presence', passwordFile: file('presencePassword'), rights: 'board' }]),
    ...(config.beadsPassword === undefined
      ? []
      : [
          {
            name: 'beads',
            passwordFile: file('beadsPassword'),
            rights: 'database',
            database: config.beadsDatabase,
          },
        ]),
  ]
  const caFile = config.caCertificate === undefined ? undefined : `${MOUNTS.trust}/ca.pem`
  return {
    PRESENCE_DSN: dsnOf(config, { user: config.user, caFile }),
    ...(config.password === undefined ? {} : { PRESENCE_PASSWORD_FILE: file('password') }),
    ...(config.createDatabase ? { PRESENCE_CREATE_DATABASE: 'true' } : {}),
    ...(accounts.length === 0 ? {} : { PRESENCE_ACCOUNTS: JSON.stringify(accounts) }),
  }
}

/** Whose DSN: a password, or the file that has it, and a CA's file stand in it only where they are given. */
interface DsnOptions {
  readonly user: string
  readonly password?: string | undefined
  readonly caFile?: string | undefined
  readonly passwordFile?: string | undefined
}

export function dsnOf(
  { host, port, database, tls }: InfraConfig,
  { user, password, caFile, passwordFile }: DsnOptions,
): string {
  const at = host.includes(':') ? `[${host}]` : host
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
  const parameters = new URLSearchParams({
    ...(tls === undefined ? {} : { ssl: tls }),
    ...(caFile === undefined ? {} : { 'ssl-ca': caFile }),
    ...(passwordFile === undefined ? {} : { 'password-file': passwordFile }),
  }).toString()
  return `mysql://${encodeURIComponent(user)}${secret}@${at}:${port}/${database}${parameters && `?${parameters}`}`
}

/** The passwords that are set, by the name of their key. */
export function passwordsOf(config: InfraConfig): Readonly<Partial<Record<PasswordName, string>>> {
  const { password, presencePassword, beadsPassword } = config
  return {
    ...(password === undefined ? {} : { password }),
    ...(presencePassword === undefined ? {} : { presencePassword }),
    ...(beadsPassword === undefined ? {} : { beadsPassword }),
  }
}
