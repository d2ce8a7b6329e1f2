import type { SslOptions } from 'mysql2'
import type { Tls } from '../../config/dsn.ts'
import { readBounded } from '../../config/read-bounded.ts'
import { PresenceError } from '../../domain/fault.ts'

/** Every CA that the web trusts takes 0.2 MiB. */
const BYTES_MAX = 4 << 20
/** Between its lines a certificate has no dash; whatever was let in there would be gone through once for each BEGIN. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The driver's TLS options. Without a CA file the roots that Node carries (and NODE_EXTRA_CA_CERTS) are trusted.
 *
 * @throws PresenceError `invalid_config` when the CA file can't be read or holds no certificate
 */
export async function tlsOptions({ mode, caFile }: Tls): Promise<SslOptions> {
  return {
    rejectUnauthorized: mode !== 'required',
    verifyIdentity: mode === 'verify-identity',
    ...(caFile === undefined ? {} : { ca: await readCa(caFile) }),
  }
}

/** Every certificate is parsed: OpenSSL takes a file that holds none for an empty list, without a word. */
async function readCa(file: string): Promise<string[]> {
  const { X509Certificate } = await import('node:crypto')
  const certificates = textOf(file).match(CERTIFICATE) ?? []
  if (certificates.length === 0) throw bad(`the CA file ${file} holds no certificate`)
  try {
    for (const certificate of certificates) new X509Certificate(certificate)
  } catch (error) {
    throw bad(`the CA file ${file} holds something that is no certificate`, error)
  }
  return certificates
}

function textOf(file: string): string {
  try {
    return readBounded(file, BYTES_MAX)
  } catch (error) {
    throw bad(`the CA file ${file} can not be read (${(error as NodeJS.ErrnoException).code})`, error)
  }
}

function bad(message: string, cause?: unknown): PresenceError {
  return new PresenceError('invalid_config', message, 'name a PEM file in the DSN: ssl-ca=<file>', { cause })
}
