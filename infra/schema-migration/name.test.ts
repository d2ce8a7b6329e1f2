import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../config/read.ts'
import type { InfraConfig } from '../config/shape.ts'
import { jobName, secretName } from './name.ts'

const BASE: InfraConfig = {
  ...readConfig({ project: 'presence', values: {}, secretKeys: [] }),
  password: 'p1',
}
const MIGRATOR = { hash: 'a'.repeat(64) }

/** Everything that decides what a Job does. */
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/)
const inputs = fc.record({
  hash: fc.stringMatching(/^[0-9a-f]{64}$/),
  stack: word,
  namespace: word,
  host: word,
  port: fc.integer({ min: 1, max: 65_535 }),
  database: word,
  user: word,
  image: word.map(name => `${name}:1`),
  tls: fc.constantFrom(undefined, 'required', 'verify-ca', 'verify-identity'),
  caCertificate: fc.option(word, { nil: undefined }),
  createDatabase: fc.boolean(),
  beadsDatabase: word,
})
type Inputs = typeof inputs extends fc.Arbitrary<infer T> ? T : never

function nameOf({ hash, stack, ...config }: Inputs): string {
  return jobName({ ...BASE, beadsPassword: 'b', ...config } as InfraConfig, { hash }, stack)
}

describe("the Job's name", () => {
  it('is the same for the same inputs', () => {
    fc.assert(fc.property(inputs, input => nameOf(input) === nameOf(structuredClone(input))))
  })

  it('differs if any one input differs', () => {
    fc.assert(
      fc.property(
        inputs,
        inputs,
        fc.constantFrom(...(Object.keys(EVERY) as (keyof Inputs)[])),
        (one, other, key) => {
          fc.pre(one[key] !== other[key])
          return nameOf(one) !== nameOf({ ...one, [key]: other[key] })
        },
      ),
      { numRuns: 500 },
    )
  })

  it('reveals nothing about a password, and differs depending on whether there is one', () => {
    const name = (config: Partial<InfraConfig>) => jobName({ ...BASE, ...config }, MIGRATOR, 's')
    expect(name({ password: 'p2' })).toBe(name({ password: 'p1' }))
    expect(name({ presencePassword: 'x' })).toBe(name({ presencePassword: 'y' }))
    expect(name({ presencePassword: 'x' })).not.toBe(name({}))
    expect(name({ beadsPassword: 'x' })).not.toBe(name({ presencePassword: 'x' }))
    expect(name({ password: undefined })).not.toBe(name({}))
  })

  it('is valid in Kubernetes, also for the Pods made from it', () => {
    fc.assert(fc.property(inputs, input => /^presence-schema-[0-9a-f]{10}$/.test(nameOf(input))))
  })
})

describe("the Secret's name", () => {
  it('depends on stack and namespace, and on nothing else', () => {
    expect(secretName(BASE, 'a')).toBe(secretName({ ...BASE, password: 'other', port: 1 }, 'a'))
    expect(secretName(BASE, 'a')).not.toBe(secretName(BASE, 'b'))
    expect(secretName(BASE, 'a')).not.toBe(secretName({ ...BASE, namespace: 'n' }, 'a'))
  })
})

const EVERY: Readonly<Record<keyof Inputs, true>> = {
  hash: true,
  stack: true,
  namespace: true,
  host: true,
  port: true,
  database: true,
  user: true,
  image: true,
  tls: true,
  caCertificate: true,
  createDatabase: true,
  beadsDatabase: true,
}
