import { PresenceError } from '../domain/fault.ts'
import { readBounded } from './read-bounded.ts'

/** Every CA that the web trusts takes 0.2 MiB. */
const BYTES_MAX = 4 << 20
/** Between its lines a certificate has no dash; whatever was let in there would be gone through once for each BEGIN. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The certificates of a CA file. Every one is parsed: OpenSSL takes a file that holds none for an empty list, without a
 * word.
 *
 * @param parameter the DSN's that names the file
 * @throws PresenceError `invalid_config` when it can't be read or holds no certificate
 */
export async function readCa(file: string, parameter: string): Promise<string[]> {
  const bad = (message: string, cause?: unknown) =>
    new PresenceError('invalid_config', message, `name a PEM file in the DSN: ${parameter}=<file>`, { cause })
  const { X509Certificate } = await import('node:crypto')
  let text: string
  try {
    text = readBounded(file, BYTES_MAX)
  } catch (error) {
    throw bad(`the CA file ${file} can not be read (${(error as NodeJS.ErrnoException).code})`, error)
  }
  const certificates = text.match(CERTIFICATE) ?? []
  if (certificates.length === 0) throw bad(`the CA file ${file} holds no certificate`)
  try {
    for (const certificate of certificates) new X509Certificate(certificate)
  } catch (error) {
    throw bad(`the CA file ${file} holds something that is no certificate`, error)
  }
  return certificates
}
