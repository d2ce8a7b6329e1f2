import type { InfraConfig } from './config/shape.ts'
import { dsnOf } from './schema-migration/target.ts'

/** The account that is for agents where this program makes it, else the one that migrates. */
export function clientAccount({ presencePassword, password, user }: InfraConfig) {
  return presencePassword === undefined
    ? { user, password }
    : { user: 'presence', password: presencePassword }
}

/** The DSN for agents, with their account, and whether a password is in it. */
export function clientDsn(config: InfraConfig): { readonly dsn: string; readonly secret: boolean } {
  const account = clientAccount(config)
  return { dsn: dsnOf(config, account), secret: account.password !== undefined }
}
