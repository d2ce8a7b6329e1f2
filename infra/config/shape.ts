import { X509Certificate } from 'node:crypto'
import * as z from 'zod'

const matching = (shape: RegExp, problem: string) => z.string(problem).regex(shape, problem)
const wholeNumber = (min: number, max: number) =>
  z.int('must be a whole number').min(min, `must be ${min} to ${max}`).max(max, `must be ${min} to ${max}`)
const list = <Item extends z.ZodType>(item: Item) => z.array(item, 'must be a list')

/** A name that Kubernetes accepts for namespaces and Services (RFC 1123). */
const dnsLabel = matching(
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  'must be lower-case letters, digits and dashes, at most 63',
)
const port = wholeNumber(1, 65_535)
const text = z.string('must be text').min(1, 'must not be empty')
const flag = z.boolean('must be true or false')
/** The name of a database or an account that needs no quoting in MySQL's protocol and in our SQL. */
const sqlName = matching(
  /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/,
  'must be letters, digits, _ . and -, at most 32',
)
const databaseName = matching(
  /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/,
  'must be letters, digits, _ and -, at most 64',
)
const image = matching(
  /^[^\s:@]+(:[0-9]+\/[^\s:@]+)?(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/,
  'must be the name of an image',
).refine(name => /(:[\w.-]+|@sha256:[0-9a-f]+)$/.test(name) && !name.endsWith(':latest'), 'must be pinned')
const password = text.refine(value => !/\p{Cc}/u.test(value), 'must not have a control character')
const quantity = matching(/^[1-9][0-9]*(Mi|Gi|Ti)$/, 'must be a size such as 2Gi')
/** DNS labels (RFC 1123), separated by dots. */
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.?$/
const hostOrAddress = z.union([z.ipv6(), z.string().regex(HOST_NAME)], 'must be a host without its port')
const address = z.union([z.ipv4(), z.ipv6()], 'must be an IP address')
const storageClass = matching(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be the name of a StorageClass')
const networks = list(z.union([z.cidrv4(), z.cidrv6()], 'must be a network in CIDR form'))

const doltServer = z.strictObject(
  {
    enabled: flag.default(false),
    image: image.default('docker.io/dolthub/dolt-sql-server:2.2.0'),
    storageClass: storageClass.default('proxmox-lvm'),
    storage: quantity.default('2Gi'),
    storageLimit: quantity.default('10Gi'),
    serviceType: z
      .enum(['LoadBalancer', 'ClusterIP'], 'must be LoadBalancer or ClusterIP')
      .default('LoadBalancer'),
    address: address.optional(),
    sharedAddress: text.default('shared'),
    allowedCidrs: networks.default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']),
    protect: flag.default(true),
    adopt: list(z.enum(['namespace', 'volume'], 'must be namespace or volume')).default([]),
  },
  'must be an object',
)

/** A Secret's name (RFC 1123, a subdomain). */
const secretName = matching(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "must be a Secret's name")
const memory = matching(/^[1-9][0-9]*(Mi|Gi)$/, 'must be a size such as 512Mi')
const server = z.strictObject(
  {
    enabled: flag.default(false),
    replicas: wholeNumber(1, 20).default(2),
    image: image.optional(),
    port: port.default(8787),
    tokenSecret: secretName.optional(),
    allowedHosts: list(hostOrAddress).default([]),
    allowedNamespaces: list(dnsLabel).default([]),
    allowedCidrs: networks.default([]),
    cpu: matching(/^[1-9][0-9]*m?$/, 'must be a number of CPUs').default('50m'),
    memory: memory.default('128Mi'),
    memoryLimit: memory.default('512Mi'),
  },
  'must be an object',
)

/** Every key of the stack's configuration with its default. infra/README.md has the same list. */
export const SHAPE = z.strictObject({
  namespace: dnsLabel.default('beads-server'),
  host: hostOrAddress.optional(),
  port: port.default(3306),
  database: databaseName.default('beads'),
  user: sqlName.default('root'),
  password: password.optional(),
  tls: z
    .enum(['required', 'verify-ca', 'verify-identity'], 'must be required, verify-ca or verify-identity')
    .optional(),
  caCertificate: z.string().refine(isCertificate, 'must be a certificate in PEM').optional(),
  image: image.default('docker.io/library/node:24-slim'),
  createDatabase: flag.default(true),
  presencePassword: password.optional(),
  beadsPassword: password.optional(),
  beadsDatabase: databaseName.default('beads'),
  // The defaults inside them apply also to the empty object.
  doltServer: doltServer.prefault({}),
  server: server.prefault({}),
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

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== undefined
  } catch {
    return false
  }
}

/** Keys whose values must be encrypted in the stack's file. */
export const SECRETS: readonly string[] = ['password', 'presencePassword', 'beadsPassword']

export type DoltServerConfig = z.infer<typeof doltServer>
type Parsed = z.infer<typeof SHAPE>
/** The configuration with all defaults filled in. */
export type InfraConfig = Omit<Parsed, 'host'> & { readonly host: string }
/** The configuration if `server` is enabled: `readConfig` has checked that `tokenSecret` is set. */
export type ServedConfig = InfraConfig & { readonly server: { readonly tokenSecret: string } }

export function isServed(config: InfraConfig): config is ServedConfig {
  return config.server.enabled && config.server.tokenSecret !== undefined
}
