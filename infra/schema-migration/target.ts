import type { InfraConfig } from '../config/shape.ts'

/** The folders in the Job's container. */
export const MOUNTS = { migrator: '/migrator', secrets: '/secrets', trust: '/trust' } as const

/** The configured passwords, each a key of the Secret and a file below `MOUNTS.secrets`. */
export type PasswordName = 'password' | 'presencePassword' | 'beadsPassword'

/** The migrator's environment. It contains no password, only the paths of the files that contain them. */
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

/**
 * The account of a DSN. The password or its file, and the CA's file, appear in the DSN only if they are
 * given.
 */
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
