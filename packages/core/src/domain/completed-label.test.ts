import { describe, expect, it } from 'vitest'
import { completedLabel } from './completed-label.ts'

const both = { scope: 'prod', namespace: 'shop' }

describe('a typed label', () => {
  it.each([
    ['node:k8s-1', 'node:k8s-1@prod'],
    ['namespace:mail', 'namespace:mail@prod'],
    ['service:web', 'service:shop/web@prod'],
    ['service:mail/web', 'service:mail/web@prod'],
    ['service:web@prod', 'service:shop/web@prod'],
    ['pvc:orders', 'pvc:shop/orders@prod'],
    ['pvc:orders@dev', 'pvc:shop/orders@dev'],
    ['node:mail%40example.org', 'node:mail%40example.org@prod'],
  ])('%s is completed to %s, and that label stays as it is', (typed, whole) => {
    expect(completedLabel(typed, both)).toBe(whole)
    expect(completedLabel(whole, both)).toBe(whole)
  })

  it.each([
    'node:k8s-1@dev',
    'service:nginx@devvm',
    'stack:network',
    'db:orders',
    'host:db1',
    'cluster:prod',
    'infra:dns',
    'vm:web',
    'k8s-1',
    'node:',
    'node: ',
    '',
  ])('%s stays as it is: it names its scope, or can have no default one', typed => {
    expect(completedLabel(typed, both)).toBe(typed)
  })

  it('stays as it is without defaults', () => {
    for (const typed of ['node:k8s-1', 'service:web', 'pvc:orders', 'service:web@prod'])
      expect(completedLabel(typed, {})).toBe(typed)
  })

  it('gets only what has a default', () => {
    expect(completedLabel('service:web', { scope: 'prod' })).toBe('service:web@prod')
    expect(completedLabel('service:web', { namespace: 'shop' })).toBe('service:shop/web')
  })
})
