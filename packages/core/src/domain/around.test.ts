import { expect, it } from 'vitest'
import { around } from './around.ts'
import { relation } from './relation.ts'

const LABELS = [
  'service:shop/mail',
  'service:mail',
  'service:mail@prod',
  'service:shop/mail@prod',
  'pvc:shop/orders@prod',
  'namespace:shop',
  'namespace:shop@prod',
  'cluster:prod',
  'host:prod',
  'host:devvm',
  'service:nginx@devvm',
  'node:k8s-1',
  'node:k8s-1@prod',
  'node:k8s-10',
  'stack:network',
  'stack:platform/network',
  'db:orders@devvm',
  'db:orders',
  'infra:shop/configmap/x',
  'service:my%40name',
  'service:my%40name@prod',
]

function finds(label: string, other: string): boolean {
  const { exact, ranges, longer, endings } = around([label])
  return (
    exact.includes(other) ||
    ranges.some(({ first, past }) => other >= first && other < past) ||
    longer.some(({ kind, part }) => other.startsWith(`${kind}:`) && other.includes(part)) ||
    endings.some(each => other.endsWith(each))
  )
}

it('finds every label that overlaps or may be the same', () => {
  const missed = LABELS.flatMap(label =>
    LABELS.filter(other => !['none', 'same'].includes(relation(label, other).is) && !finds(label, other)).map(
      other => [label, other],
    ),
  )
  expect(missed).toEqual([])
})

it('finds a lower-case spelling of a label', () => {
  expect(finds('node:K8S-1', 'node:k8s-1')).toBe(true)
})

it('searches without an index only for clusters and hosts', () => {
  expect(around(['node:a', 'service:x/y@prod', 'namespace:x']).endings).toEqual([])
  expect(around(['host:devvm', 'cluster:prod']).endings).toEqual(['@devvm', '@prod'])
})
