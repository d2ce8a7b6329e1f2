import { createHash } from 'node:crypto'
import type { InfraConfig } from '../config/shape.ts'
import type { Migrator } from '../migrator/bundle.ts'
import { jobSpec } from './job.ts'
import { environmentOf, passwordsOf } from './target.ts'

/** Ten hexadecimal digits. The probability that two Jobs in one namespace get the same ones is 1 in 10^12. */
const DIGITS = 10

/**
 * The Job's name: a hash of everything that decides what it does (the code with its migrations, the Job's own
 * settings, the target), and of the stack, so that two stacks never own the same object. Passwords are left
 * out, because a hash that everyone can read could be used to test guesses.
 */
export function jobName(config: InfraConfig, migrator: Pick<Migrator, 'hash'>, stack: string): string {
  const spec = jobSpec({
    image: config.image,
    environment: environmentOf(config),
    entry: 'migrate.cjs',
    configMap: '',
    secret: Object.keys(passwordsOf(config)).length === 0 ? undefined : '',
    withCa: config.caCertificate !== undefined,
  })
  return `presence-schema-${digest([stack, config.namespace, migrator.hash, spec, config.caCertificate ?? ''])}`
}

/** The name of the Secret with the passwords. It doesn't change when they do. */
export function secretName({ namespace }: InfraConfig, stack: string): string {
  return `presence-passwords-${digest([stack, namespace])}`
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, DIGITS)
}
