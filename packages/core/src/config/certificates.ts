import { pathOf } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import { readBounded } from './read-bounded.ts'

/** All CAs that browsers trust take 0.2 MiB together. */
const BYTES_MAX = 4 << 20
/**
 * The base64 between the markers has no dash. If the pattern allowed one, a file of BEGIN markers only would
 * be scanned again from each of them.
 */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * Reads the certificates of a CA file and parses each one. OpenSSL silently treats a file without any as an
 * empty list.
 *
 * @param parameter the DSN parameter that names the file
 * @throws PresenceError `invalid_config` if the file can't be read or holds no certificate
 */
export async function readCa(file: string, parameter: string): Promise<string[]> {
  const bad = (message: string, cause?: unknown) =>
    new PresenceError('invalid_config', message, `name a PEM file in the DSN: ${parameter}=<file>`, { cause })
  const { X509Certificate } = await import('node:crypto')
  let text: string
  try {
    text = readBounded(file, BYTES_MAX)
  } catch (error) {
    throw bad(`the CA file ${pathOf(file)} can't be read (${(error as NodeJS.ErrnoException).code})`, error)
  }
  const certificates = text.match(CERTIFICATE) ?? []
  if (certificates.length === 0) throw bad(`the CA file ${pathOf(file)} contains no certificate`)
  try {
    for (const certificate of certificates) new X509Certificate(certificate)
  } catch (error) {
    throw bad(`the CA file ${pathOf(file)} contains something that is not a certificate`, error)
  }
  return certificates
}
