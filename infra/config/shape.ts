import { X509Certificate } from 'node:crypto'
import { isIP, isIPv6 } from 'node:net'
import * as v from 'valibot'

/** A name that Kubernetes accepts for namespaces and Services (RFC 1123). */
const dnsLabel = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be lower-case letters, digits and dashes, at most 63',
  ),
)
const port = v.pipe(
  v.number('must be a whole number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be 1 to 65535'),
  v.maxValue(65_535, 'must be 1 to 65535'),
)
const text = v.pipe(v.string('must be text'), v.nonEmpty('must not be empty'))
const flag = v.boolean('must be true or false')
/** The name of a database or an account that needs no quoting in MySQL's protocol and in our SQL. */
const sqlName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, 'must be letters, digits, _ . and -, at most 32'),
)
const databaseName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, _ and -, at most 64'),
)
const image = v.pipe(
  v.string(),
  v.regex(/^[^\s:@]+(:[0-9]+\/[^\s:@]+)?(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/, 'must be the name of an image'),
  v.check(name => /(:[\w.-]+|@sha256:[0-9a-f]+)$/.test(name) && !name.endsWith(':latest'), 'must be pinned'),
)
const password = v.pipe(
  text,
  v.check(value => !/\p{Cc}/u.test(value), 'must not have a control character'),
)
const quantity = v.pipe(v.string(), v.regex(/^[1-9][0-9]*(Mi|Gi|Ti)$/, 'must be a size such as 2Gi'))
/** DNS labels (RFC 1123), separated by dots. */
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.?$/
const hostOrAddress = v.pipe(
  v.string(),
  v.check(
    value => (isIPv6(value) && !value.includes('%')) || HOST_NAME.test(value),
    'must be a host without its port',
  ),
)

const storageClass = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be the name of a StorageClass'),
)

const networks = v.array(
  v.pipe(v.string(), v.check(isNetwork, 'must be a network in CIDR form')),
  'must be a list',
)

const doltServer = v.strictObject({
  enabled: v.optional(flag, false),
  image: v.optional(image, 'docker.io/dolthub/dolt-sql-server:2.2.0'),
  storageClass: v.optional(storageClass, 'proxmox-lvm'),
  storage: v.optional(quantity, '2Gi'),
  storageLimit: v.optional(quantity, '10Gi'),
  serviceType: v.optional(
    v.picklist(['LoadBalancer', 'ClusterIP'], 'must be LoadBalancer or ClusterIP'),
    'LoadBalancer',
  ),
  address: v.optional(v.pipe(v.string(), v.ip('must be an IP address'))),
  sharedAddress: v.optional(text, 'shared'),
  allowedCidrs: v.optional(networks, ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']),
  protect: v.optional(flag, true),
  adopt: v.optional(
    v.array(v.picklist(['namespace', 'volume'], 'must be namespace or volume'), 'must be a list'),
    [],
  ),
})

/** A Secret's name (RFC 1123, a subdomain). */
const secretName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "must be a Secret's name"),
)
const memory = v.pipe(v.string(), v.regex(/^[1-9][0-9]*(Mi|Gi)$/, 'must be a size such as 512Mi'))
const server = v.strictObject({
  enabled: v.optional(flag, false),
  replicas: v.optional(
    v.pipe(
      v.number('must be a whole number'),
      v.integer('must be a whole number'),
      v.minValue(1, 'must be 1 to 20'),
      v.maxValue(20, 'must be 1 to 20'),
    ),
    2,
  ),
  image: v.optional(image),
  port: v.optional(port, 8787),
  tokenSecret: v.optional(secretName),
  allowedHosts: v.optional(v.array(hostOrAddress, 'must be a list'), []),
  allowedNamespaces: v.optional(v.array(dnsLabel, 'must be a list'), []),
  allowedCidrs: v.optional(networks, []),
  cpu: v.optional(v.pipe(v.string(), v.regex(/^[1-9][0-9]*m?$/, 'must be a number of CPUs')), '50m'),
  memory: v.optional(memory, '128Mi'),
  memoryLimit: v.optional(memory, '512Mi'),
})

/** Every key of the stack's configuration with its default. infra/README.md has the same list. */
export const SHAPE = v.strictObject({
  namespace: v.optional(dnsLabel, 'beads-server'),
  host: v.optional(hostOrAddress),
  port: v.optional(port, 3306),
  database: v.optional(databaseName, 'beads'),
  user: v.optional(sqlName, 'root'),
  password: v.optional(password),
  tls: v.optional(
    v.picklist(
      ['required', 'verify-ca', 'verify-identity'],
      'must be required, verify-ca or verify-identity',
    ),
  ),
  caCertificate: v.optional(v.pipe(v.string(), v.check(isCertificate, 'must be a certificate in PEM'))),
  image: v.optional(image, 'docker.io/library/node:24-slim'),
  createDatabase: v.optional(flag, true),
  presencePassword: v.optional(password),
  beadsPassword: v.optional(password),
  beadsDatabase: v.optional(databaseName, 'beads'),
  doltServer: v.optional(doltServer, {}),
  server: v.optional(server, {}),
})

/** A valid value for each key, for the message about an invalid one. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  namespace: 'beads-server',
  host: 'dolt.beads-server.svc.cluster.local',
  port: '3306',
  database: 'beads',
  user: 'root',
  password: '--secret password <the password>',
  tls: 'verify-identity',
  caCertificate: '"$(cat ca.pem)"',
  image: 'docker.io/library/node:24-slim',
  createDatabase: 'true',
  presencePassword: '--secret presencePassword <the password>',
  beadsPassword: '--secret beadsPassword <the password>',
  beadsDatabase: 'beads',
  'doltServer.enabled': 'true',
  'doltServer.image': 'docker.io/dolthub/dolt-sql-server:2.2.0',
  'doltServer.storageClass': 'proxmox-lvm',
  'doltServer.storage': '2Gi',
  'doltServer.storageLimit': '10Gi',
  'doltServer.serviceType': 'LoadBalancer',
  'doltServer.address': '10.0.20.200',
  'doltServer.sharedAddress': 'shared',
  'doltServer.allowedCidrs[0]': '10.0.0.0/8',
  'doltServer.protect': 'true',
  'doltServer.adopt[0]': 'namespace',
  'server.enabled': 'true',
  'server.replicas': '2',
  'server.image': 'docker.io/library/node:24-slim',
  'server.port': '8787',
  'server.tokenSecret': 'presence-tokens',
  'server.allowedHosts[0]': 'presence.example.org',
  'server.allowedNamespaces[0]': 'ingress-nginx',
  'server.allowedCidrs[0]': '10.0.0.0/8',
  'server.cpu': '50m',
  'server.memory': '128Mi',
  'server.memoryLimit': '512Mi',
}

function isNetwork(text: string): boolean {
  const [, address = '', bits = ''] = /^(.+)\/([0-9]{1,3})$/.exec(text) ?? []
  return isIP(address) !== 0 && Number(bits) <= (isIPv6(address) ? 128 : 32)
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined
  } catch {
    return false
  }
}

/** Keys whose values must be encrypted in the stack's file. */
export const SECRETS: readonly string[] = ['password', 'presencePassword', 'beadsPassword']

export type DoltServerConfig = v.InferOutput<typeof doltServer>
type Parsed = v.InferOutput<typeof SHAPE>
/** The configuration with all defaults filled in. */
export type InfraConfig = Omit<Parsed, 'host'> & { readonly host: string }
/** The configuration if `server` is enabled: `readConfig` has checked that `tokenSecret` is set. */
export type ServedConfig = InfraConfig & { readonly server: { readonly tokenSecret: string } }

export function isServed(config: InfraConfig): config is ServedConfig {
  return config.server.enabled && config.server.tokenSecret !== undefined
}
