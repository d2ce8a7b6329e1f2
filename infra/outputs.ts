import type { InfraConfig } from './config/shape.ts'
import { dsnOf } from './schema-migration/target.ts'

/** The DSN for agents, with the account that is for them where this program makes it, and whether a password is in it. */
export function clientDsn(config: InfraConfig): { readonly dsn: string; readonly secret: boolean } {
  const { presencePassword, password, user } = config
  const account =
    presencePassword === undefined ? { user, password } : { user: 'presence', password: presencePassword }
  return { dsn: dsnOf(config, account), secret: account.password !== undefined }
}
