import type { InfraConfig } from './config/shape.ts'
import { dsnOf } from './schema-migration/target.ts'

/** The account for agents if this program creates it, otherwise the account that migrates. */
export function clientAccount({ presencePassword, password, user }: InfraConfig) {
  return presencePassword === undefined
    ? { user, password }
    : { user: 'presence', password: presencePassword }
}

/** The DSN for agents, with their account, and whether it contains a password. */
export function clientDsn(config: InfraConfig): { readonly dsn: string; readonly secret: boolean } {
  const account = clientAccount(config)
  return { dsn: dsnOf(config, account), secret: account.password !== undefined }
}
