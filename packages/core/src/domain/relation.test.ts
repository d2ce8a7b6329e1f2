import { constantFrom, assert as hold, oneof, property, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ancestorsOf } from './ancestors.ts'
import { KINDS } from './label.ts'
import { labelFrom, partsOf } from './label-parts.ts'
import { relation } from './relation.ts'

const names = constantFrom('a', 'A', 'b', 'shop', 'shop/a', 'shop/b', 'mail/a', 'prod', 'x/shop/a', 'a@b')
const scopes = constantFrom(undefined, 'prod', 'dev', 'a', 'db1.example.org')
const label = tuple(constantFrom(...KINDS, 'vm'), names, scopes).map(([kind, name, scope]) =>
  labelFrom({ kind, name, scope }),
)
const anyText = oneof(label, string(), string({ maxLength: 300 }))
const runs = { numRuns: 3_000 }

describe('a scope', () => {
  it.each([
    ['node:k8s-1@prod', 'k8s-1', 'prod'],
    ['service:nginx@db1.example.org', 'nginx', 'db1.example.org'],
    ['node:a@b@prod', 'a@b', 'prod'],
    ['node:mail%40example.org', 'mail@example.org', undefined],
    ['node:a@PROD', 'a@PROD', undefined],
    ['node:a@', 'a@', undefined],
    ['node:@prod', '@prod', undefined],
    ['node:a@-b', 'a@-b', undefined],
    [`node:a@${'x'.repeat(64)}`, `a@${'x'.repeat(64)}`, undefined],
    ['infra:a@prod', 'a@prod', undefined],
    ['vm:web@prod', 'web', 'prod'],
  ])('of %s: name %s, scope %s', (text, name, scope) => {
    expect(partsOf(text)).toMatchObject({ name, scope })
  })

  it('is kept when a label is made of its parts again', () => {
    hold(
      property(label, text => {
        expect(partsOf(labelFrom(partsOf(text)))).toEqual(partsOf(text))
      }),
      runs,
    )
  })
})

describe('two labels', () => {
  it.each([
    ['service:shop/web@prod', 'namespace:shop@prod', ['service:shop/web@prod', 'namespace:shop@prod']],
    ['pvc:shop/data', 'namespace:shop', ['pvc:shop/data', 'namespace:shop']],
    ['node:k8s-1@prod', 'cluster:prod', ['node:k8s-1@prod', 'cluster:prod']],
    ['service:nginx@db1', 'host:db1', ['service:nginx@db1', 'host:db1']],
    ['db:orders@db1', 'host:db1', ['db:orders@db1', 'host:db1']],
    ['service:shop/web@prod', 'cluster:prod', ['service:shop/web@prod', 'cluster:prod']],
  ])('%s is part of %s', (part, whole, path) => {
    expect(relation(part, whole)).toEqual({ is: 'overlaps', path })
    expect(relation(whole, part)).toEqual({ is: 'overlaps', path })
  })

  it.each([
    ['node:k8s-1', 'node:k8s-1@prod'],
    ['service:mail', 'service:shop/mail'],
    ['service:mail', 'service:shop/mail@prod'],
    ['node:K8S-1', 'node:k8s-1'],
    ['db:Orders@db1', 'db:orders'],
  ])('%s and %s may be the same', (a, b) => {
    expect(relation(a, b)).toEqual({ is: 'maybeSame' })
  })

  it.each([
    ['node:k8s-1@prod', 'node:k8s-1@dev'],
    ['node:k8s-1@prod', 'node:k8s-2@prod'],
    ['service:shop/web@prod', 'service:mail/web@prod'],
    ['service:shop/web@prod', 'namespace:shop@dev'],
    ['service:shop/web@prod', 'namespace:shop'],
    ['service:email', 'service:mail'],
    ['node:a', 'host:a'],
    ['infra:a@prod', 'cluster:prod'],
    ['cluster:prod', 'host:prod'],
    ['no label', 'node:a'],
  ])('%s and %s have nothing to do with each other', (a, b) => {
    expect(relation(a, b)).toEqual({ is: 'none' })
  })

  it('relate the same way in both directions, whatever their text', () => {
    hold(
      property(anyText, anyText, (a, b) => {
        expect(relation(b, a)).toEqual(relation(a, b))
        expect(relation(a, b).is === 'same').toBe(a === b)
      }),
      runs,
    )
  })

  it('overlap only by a path of links, and never as two parts of one whole', () => {
    hold(
      property(label, label, (a, b) => {
        const said = relation(a, b)
        if (said.is !== 'overlaps') return
        const { path } = said
        expect([path[0], path.at(-1)].sort()).toEqual([a, b].sort())
        for (const [at, step] of path.slice(1).entries())
          expect(ancestorsOf(path[at] as string).map(({ label: each }) => each)).toContain(step)
        expect(partsOf(a).kind).not.toBe(partsOf(b).kind)
      }),
      runs,
    )
  })
})
