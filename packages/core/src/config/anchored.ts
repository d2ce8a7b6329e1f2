import { resolve } from 'node:path'
import type { Dsn } from './dsn.ts'

/** A relative file in a DSN starts from the folder of the config file, or from the working folder. */
export function anchored(dsn: Dsn, base: string): Dsn {
  if (dsn.scheme === 'sqlite') return { ...dsn, file: resolve(base, dsn.file) }
  if (dsn.scheme === 'http') {
    const { tokenFile, caFile } = dsn
    return {
      ...dsn,
      tokenFile: tokenFile && resolve(base, tokenFile),
      caFile: caFile && resolve(base, caFile),
    }
  }
  const { passwordFile, tls } = dsn
  return {
    ...dsn,
    passwordFile: passwordFile && resolve(base, passwordFile),
    tls: tls?.caFile === undefined ? tls : { ...tls, caFile: resolve(base, tls.caFile) },
  }
}
