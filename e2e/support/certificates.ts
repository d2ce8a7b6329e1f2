import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A server's certificate and key. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A certificate authority for one test, in a folder that servers may read. */
export class Authority {
  /** The file of its certificate. */
  readonly ca: string
  readonly #folder: string
  readonly #name: string

  constructor(folder: string, name = 'authority') {
    this.#folder = folder
    this.#name = name
    this.ca = this.#file('ca.pem')
    chmodSync(folder, 0o755)
    openssl(
      'req',
      ...['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-keyout', this.#file('ca.key'), '-out', this.ca],
    )
  }

  /** @param names the subject's alternative names, such as `DNS:localhost` or `IP:127.0.0.1` */
  certify(file: string, ...names: string[]): Certificate {
    const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'ext'].map(end =>
      this.#file(`${file}.${end}`),
    )
    if (!cert || !key || !request || !extensions) throw new TypeError('four files')
    writeFileSync(extensions, `subjectAltName=${names.join(',')}\n`)
    openssl(
      'req',
      ...['-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=presence-test', '-keyout', key, '-out', request],
    )
    openssl(
      'x509',
      ...['-req', '-in', request, '-CA', this.ca, '-CAkey', this.#file('ca.key'), '-CAcreateserial'],
      ...['-days', '2', '-extfile', extensions, '-out', cert],
    )
    // The server may run as another user. The key protects nothing outside this test.
    chmodSync(key, 0o644)
    return { cert, key }
  }

  #file(name: string): string {
    return join(this.#folder, `${this.#name}-${name}`)
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' })
}
