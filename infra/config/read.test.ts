import { rootCertificates } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './read.ts'
import { EXAMPLES, SECRETS, SHAPE } from './shape.ts'

function read(values: Record<string, string>, secretKeys: readonly string[] = SECRETS) {
  const prefixed = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`presence:${key}`, value]),
  )
  return readConfig({
    project: 'presence',
    values: prefixed,
    secretKeys: secretKeys.map(key => `presence:${key}`),
  })
}

const server = (more: object = {}) => JSON.stringify({ enabled: true, ...more })

describe('the configuration', () => {
  it('is by default the board in the tracker’s database on the server beside it', () => {
    expect(read({})).toMatchObject({
      namespace: 'beads-server',
      host: 'dolt.beads-server.svc.cluster.local',
      port: 3306,
      database: 'beads',
      user: 'root',
      createDatabase: true,
      doltServer: { enabled: false, protect: true, storage: '2Gi', storageLimit: '10Gi' },
    })
    expect(read({}).password).toBeUndefined()
  })

  it('looks for the server in the namespace that is named', () => {
    expect(read({ namespace: 'tasks' }).host).toBe('dolt.tasks.svc.cluster.local')
    expect(read({ namespace: 'tasks', host: '10.0.20.200' }).host).toBe('10.0.20.200')
  })

  it('ignores the keys of other projects and providers', () => {
    const values = { 'kubernetes:context': 'home', 'other:port': 'x' }
    expect(readConfig({ project: 'presence', values, secretKeys: [] }).port).toBe(3306)
  })

  it.each(SECRETS)('refuses an unencrypted %s, without repeating it', key => {
    expect(() => read({ [key]: 'hunter2' }, [])).toThrow(
      new ConfigError(
        `presence:${key} must be encrypted; set it with: pulumi config set --secret ${key} <the password>`,
      ),
    )
  })

  it.each([
    [
      'port',
      '70000',
      'presence:port must be 1 to 65535, and is 70000; for example: pulumi config set port 3306',
    ],
    ['port', 'many', 'presence:port must be a whole number, and is "many"'],
    ['port', '3306.5', 'presence:port must be a whole number'],
    ['namespace', 'Not_A_Name', 'presence:namespace must be lower-case'],
    ['host', 'a b', 'presence:host must be a host'],
    ['host', 'db:3306', 'presence:host must be a host'],
    ['database', 'a`b', 'presence:database must be letters'],
    ['database', '..', 'presence:database must be letters'],
    ['host', 'a..b', 'presence:host must be a host'],
    ['host', 'fe80::1%eth0', 'presence:host must be a host'],
    ['caCertificate', '-----BEGIN CERTIFICATE-----garbage', 'presence:caCertificate must be a certificate'],
    ['doltServer', 'null', 'presence:doltServer'],
    ['doltServer', '{"adopt":"namespace"}', 'presence:doltServer.adopt must be a list'],
    [
      'doltServer',
      '{"allowedCidrs":["999.1.1.1/99"]}',
      'presence:doltServer.allowedCidrs[0] must be a network in CIDR form',
    ],
    [
      'doltServer',
      '{"storageClass":"Not A Class"}',
      'presence:doltServer.storageClass must be the name of a StorageClass',
    ],
    ['database', 'a/b', 'presence:database must be letters'],
    ['user', "a'b", 'presence:user must be letters'],
    ['tls', 'preferred', 'presence:tls must be required, verify-ca or verify-identity'],
    ['caCertificate', 'ca.pem', 'presence:caCertificate must be a certificate in PEM'],
    ['image', 'node', 'presence:image must be pinned'],
    ['image', 'docker.io/library/node:latest', 'presence:image must be pinned'],
    ['createDatabase', 'perhaps', 'presence:createDatabase must be true or false'],
    ['doltServer', 'yes', 'presence:doltServer'],
    ['doltServer', '{"enabled":"yes"}', 'presence:doltServer.enabled must be true or false'],
    ['doltServer', '{"adopt":["pod"]}', 'presence:doltServer.adopt[0] must be namespace or volume'],
    ['doltServer', '{"storage":"2GB"}', 'presence:doltServer.storage must be a size such as 2Gi'],
    [
      'doltServer',
      '{"allowedCidrs":["everyone"]}',
      'presence:doltServer.allowedCidrs[0] must be a network in CIDR form',
    ],
    ['doltServer', '{"size":"2Gi"}', 'presence:doltServer.size is not a configuration key'],
    ['server', 'yes', 'presence:server'],
    ['server', '{"enabled":"yes"}', 'presence:server.enabled must be true or false'],
    ['server', '{"replicas":0}', 'presence:server.replicas must be 1 to 20'],
    ['server', '{"port":0}', 'presence:server.port must be 1 to 65535'],
    ['server', '{"image":"node"}', 'presence:server.image must be pinned'],
    ['server', '{"tokenSecret":"../x"}', "presence:server.tokenSecret must be a Secret's name"],
    ['server', '{"allowedHosts":["https://a"]}', 'presence:server.allowedHosts[0] must be a host'],
    ['server', '{"allowedNamespaces":["*"]}', 'presence:server.allowedNamespaces[0] must be lower-case'],
    ['server', '{"allowedCidrs":["all"]}', 'presence:server.allowedCidrs[0] must be a network in CIDR form'],
    ['server', '{"cpu":"half"}', 'presence:server.cpu must be a number of CPUs'],
    ['server', '{"memory":"1GB"}', 'presence:server.memory must be a size such as 512Mi'],
    ['server', '{"tokens":"t"}', 'presence:server.tokens is not a configuration key'],
  ])('refuses %s = %s with the name of the key and an example', (key, value, message) => {
    expect(() => read({ [key]: value })).toThrow(message)
    expect(() => read({ [key]: value })).toThrow(/for example: pulumi config set|infra\/README.md/)
  })

  it('suggests the nearest key for an unknown one', () => {
    expect(() => read({ databse: 'x' })).toThrow(
      'presence:databse is not a configuration key; did you mean database?',
    )
    expect(() => read({ zzz: 'x' })).toThrow(
      'presence:zzz is not a configuration key. The keys are: namespace,',
    )
    expect(() => read({ constructor: 'x' })).toThrow('presence:constructor is not a configuration key')
  })

  it.each([
    ['a control character', 'a\u0000b'],
    ['nothing', ''],
  ])('refuses a password with %s in it, without repeating it', (_, password) => {
    expect(() => read({ password })).toThrow(/presence:password must not .*--secret password/)
    if (password) expect(() => read({ password })).not.toThrow(password)
  })

  it('accepts an IPv6 address, an image registry with a port, and a digest', () => {
    const digest = `node@sha256:${'a'.repeat(64)}`
    expect(read({ host: 'fd00::1', image: 'mirror.lan:5000/node:24' })).toMatchObject({ host: 'fd00::1' })
    expect(read({ image: digest }).image).toBe(digest)
  })

  it('requires a password and the user root for a server that it starts', () => {
    expect(() => read({ doltServer: server() })).toThrow('presence:password is missing')
    expect(() => read({ doltServer: server(), password: 'p', user: 'ana' })).toThrow(
      'presence:user must be root',
    )
    expect(read({ doltServer: server(), password: 'p' }).doltServer.enabled).toBe(true)
  })

  it('requires a Secret with tokens for a server that others reach', () => {
    expect(read({}).server).toMatchObject({ enabled: false, replicas: 2, port: 8787 })
    expect(() => read({ server: '{"enabled":true}' })).toThrow(
      /^presence:server.tokenSecret is missing: .*pulumi config set --path 'server.tokenSecret' presence-tokens$/,
    )
    expect(read({ server: '{"enabled":true,"tokenSecret":"t"}' }).server.tokenSecret).toBe('t')
  })

  it('refuses a server whose memory limit is below its request', () => {
    expect(() => read({ server: '{"memory":"1Gi","memoryLimit":"512Mi"}' })).toThrow(
      'presence:server.memory is more than server.memoryLimit',
    )
  })

  it('allows no other target than the server that it starts', () => {
    for (const [key, value] of [
      ['port', '3307'],
      ['host', 'db.elsewhere'],
      ['tls', 'required'],
    ] as const)
      expect(() => read({ doltServer: server(), password: 'p', [key]: value })).toThrow(
        `presence:${key} must be`,
      )
  })

  it('refuses to change the password of the account that migrates', () => {
    expect(() => read({ user: 'presence', password: 'a', presencePassword: 'b' })).toThrow(
      'presence:presencePassword would change',
    )
  })

  it('accepts all of its own examples', () => {
    for (const [key, example] of Object.entries(EXAMPLES)) {
      if (example.startsWith('--secret') || key === 'caCertificate') continue
      const [top = '', below] = key.replace('[0]', '').split('.')
      const value = /^(true|\d+)$/.test(example) ? JSON.parse(example) : example
      const listed = key.endsWith('[0]') ? [value] : value
      const others = top === 'server' ? { tokenSecret: 't' } : {}
      expect(() =>
        read({ password: 'p', [top]: below ? JSON.stringify({ ...others, [below]: listed }) : example }),
      ).not.toThrow()
    }
  })

  it('refuses a volume that begins larger than its limit', () => {
    const more = { storage: '1Ti', storageLimit: '10Gi' }
    expect(() => read({ doltServer: server(more), password: 'p' })).toThrow(
      'more than doltServer.storageLimit',
    )
  })

  it('refuses a CA certificate without TLS', () => {
    const [pem = ''] = rootCertificates
    expect(() => read({ caCertificate: pem })).toThrow('of no use without tls')
    expect(read({ caCertificate: pem, tls: 'verify-ca' }).tls).toBe('verify-ca')
  })

  it('has an example for every key', () => {
    const { doltServer, server: served, ...plain } = SHAPE.shape
    const below = (top: string, shape: object) => Object.keys(shape).map(key => `${top}.${key}`)
    const known = Object.keys(EXAMPLES).map(key => key.replace('[0]', ''))
    const keys = [
      ...Object.keys(plain),
      ...below('doltServer', doltServer.unwrap().shape),
      ...below('server', served.unwrap().shape),
    ]
    expect(known.sort()).toEqual(keys.sort())
  })
})
