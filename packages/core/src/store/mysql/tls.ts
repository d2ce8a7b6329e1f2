import type { SslOptions } from 'mysql2'
import { readCa } from '../../config/certificates.ts'
import type { Tls } from '../../config/dsn.ts'

/**
 * The driver's TLS options. Without a CA file, the CAs that Node ships (and NODE_EXTRA_CA_CERTS) are trusted.
 *
 * @throws PresenceError `invalid_config` if the CA file can't be read or holds no certificate
 */
export async function tlsOptions({ mode, caFile }: Tls): Promise<SslOptions> {
  return {
    rejectUnauthorized: mode !== 'required',
    verifyIdentity: mode === 'verify-identity',
    ...(caFile === undefined ? {} : { ca: await readCa(caFile, 'ssl-ca') }),
  }
}
