import { RunError } from '@pulumi/pulumi'
import { closest, distance } from 'fastest-levenshtein'
import type * as z from 'zod'
import { EXAMPLES, type InfraConfig, SECRETS, SHAPE } from './shape.ts'

/**
 * A configuration that can't be used: names the key, what is wrong, and a command that corrects it. Never
 * contains a secret. The engine shows a RunError without a stack trace.
 */
export class ConfigError extends RunError {
  override readonly name = 'ConfigError'
}

/** The stack's configuration as the engine passes it: every value is text, and secrets are decrypted. */
export interface RawConfig {
  readonly project: string
  /** The values by `<project>:<key>`; keys of other projects are ignored. */
  readonly values: Readonly<Record<string, string>>
  /** The `<project>:<key>` of values that are encrypted in the stack's file. */
  readonly secretKeys: readonly string[]
}

/** @throws ConfigError in preview, before anything is planned */
export function readConfig({ project, values, secretKeys }: RawConfig): InfraConfig {
  const own = Object.entries(values)
    .filter(([key]) => key.startsWith(`${project}:`))
    .map(([key, value]) => [key.slice(project.length + 1), value] as const)
  for (const [key] of own) {
    refuseUnknown(project, key)
    if (SECRETS.includes(key) && !secretKeys.includes(`${project}:${key}`))
      throw new ConfigError(`${project}:${key} must be encrypted; set it with: ${commandFor(key)}`)
  }
  const given = Object.fromEntries(own.map(([key, value]) => [key, typed(key, value)]))
  const parsed = SHAPE.safeParse(given, { reportInput: true })
  if (parsed.success) return consistent(project, parsed.data)
  const [error] = parsed.error.issues.map(issue => wrongValue(project, issue))
  throw error
}

function refuseUnknown(project: string, key: string): void {
  const known = Object.keys(SHAPE.shape)
  if (known.includes(key)) return
  const guess = closest(key, known)
  const meant = distance(key, guess) <= Math.max(1, key.length / 3) ? `; did you mean ${guess}?` : '.'
  throw new ConfigError(
    `${project}:${key} is not a configuration key${meant} The keys are: ${known.join(', ')}`,
  )
}

/** The engine passes values that are not plain text as JSON. */
function typed(key: string, value: string): unknown {
  if (!['port', 'createDatabase', 'doltServer', 'server'].includes(key)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

function wrongValue(project: string, issue: z.core.$ZodIssue): ConfigError {
  const { path, message, input } = issue
  const key = path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1)
  if (issue.code === 'unrecognized_keys')
    return new ConfigError(
      `${project}:${key}.${issue.keys[0]} is not a configuration key; infra/README.md lists them`,
    )
  const got = SECRETS.includes(key) || typeof input === 'object' ? '' : `, and is ${JSON.stringify(input)}`
  return new ConfigError(`${project}:${key} ${message}${got}; for example: ${commandFor(key)}`)
}

function commandFor(key: string): string {
  const forms = [key, key.replace(/(\[\d+\])?$/, '[0]'), `${key.split('.', 1)[0]}.enabled`]
  const path = forms.find(form => form in EXAMPLES) ?? key
  const example = EXAMPLES[path]
  if (example?.startsWith('--secret')) return `pulumi config set ${example}`
  return `pulumi config set ${path.includes('.') ? `--path '${path}'` : path} ${example}`
}

/** Checks that concern more than one key. */
function consistent(project: string, config: z.infer<typeof SHAPE>): InfraConfig {
  const { doltServer, server, namespace, password, tls, caCertificate } = config
  const host = config.host ?? `dolt.${namespace}.svc.cluster.local`
  if (caCertificate !== undefined && tls === undefined)
    throw new ConfigError(`${project}:caCertificate is of no use without tls; set: ${commandFor('tls')}`)
  if (doltServer.enabled && password === undefined)
    throw new ConfigError(
      `${project}:password is missing: the server that doltServer.enabled starts needs it for its root account; set it with: ${commandFor('password')}`,
    )
  if (server.enabled && server.tokenSecret === undefined)
    throw new ConfigError(
      `${project}:server.tokenSecret is missing: a server that other Pods can reach requires tokens; create that Secret as infra/README.md describes, and name it: ${commandFor('server.tokenSecret')}`,
    )
  const alone: readonly (readonly [key: string, wrong: boolean, reason: string])[] = [
    ['user', config.user !== 'root', 'must be root'],
    ['port', config.port !== 3306, 'must be 3306'],
    ['host', config.host !== undefined, 'must be left out'],
    ['tls', tls !== undefined, 'must be left out'],
  ]
  for (const [key, wrong, reason] of alone)
    if (doltServer.enabled && wrong)
      throw new ConfigError(
        `${project}:${key} ${reason} if doltServer.enabled is true, because that server is the target; pulumi config rm ${key}`,
      )
  for (const [key, name] of [
    ['presencePassword', 'presence'],
    ['beadsPassword', 'beads'],
  ] as const)
    if (config[key] !== undefined && config.user === name)
      throw new ConfigError(
        `${project}:${key} would change the password of the account that migrates; set ${project}:user to another: ${commandFor('user')}`,
      )
  for (const [key, limit, wrong] of [
    ['doltServer.storage', 'doltServer.storageLimit', isMore(doltServer.storage, doltServer.storageLimit)],
    ['server.memory', 'server.memoryLimit', isMore(server.memory, server.memoryLimit)],
  ] as const)
    if (wrong)
      throw new ConfigError(`${project}:${key} is more than ${limit}; for example: ${commandFor(key)}`)
  return { ...config, host }
}

function isMore(quantity: string, limit: string): boolean {
  return inMebibytes(quantity) > inMebibytes(limit)
}

function inMebibytes(quantity: string): number {
  const units: Readonly<Record<string, number>> = { Mi: 1, Gi: 1024, Ti: 1024 ** 2 }
  return Number.parseInt(quantity, 10) * (units[quantity.slice(-2)] ?? 1)
}
