import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Network } from './sandbox.ts'

const DAYS = '2'

/**
 * Creates the cluster's keys and certificates as files in a folder: `ca`, `apiserver` and `admin` (.crt and
 * .key), `sa` (.key and .pub).
 */
export function makePki(folder: string, { node, firstService }: Network): void {
  mkdirSync(folder, { recursive: true })
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const key = (name: string) =>
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at(`${name}.key`))
  key('ca')
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    at('ca.key'),
    '-subj',
    '/CN=presence-test-ca',
    '-days',
    DAYS,
    '-out',
    at('ca.crt'),
  )
  key('sa')
  openssl('ec', '-in', at('sa.key'), '-pubout', '-out', at('sa.pub'))
  writeFileSync(
    at('extensions'),
    `subjectAltName=DNS:localhost,DNS:kubernetes,IP:127.0.0.1,IP:${node},IP:${firstService}\nextendedKeyUsage=serverAuth,clientAuth\n`,
  )
  for (const [name, subject] of [
    ['apiserver', '/CN=kube-apiserver'],
    ['admin', '/O=system:masters/CN=admin'],
  ] as const) {
    key(name)
    openssl('req', '-new', '-key', at(`${name}.key`), '-subj', subject, '-out', at(`${name}.csr`))
    const ca = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('extensions')]
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...ca, '-days', DAYS, '-out', at(`${name}.crt`))
  }
}
