import { describe, expect, it } from 'vitest'
import { analyzeTool } from '../src/index.ts'

const tools = {
  mcp__deploy__push: 'service:${input.namespace}/${input.spec.name}',
  'mcp__k8s__delete_*': 'infra:pod/${input.name}',
}
const labelsOf = (name: string, input: unknown) =>
  analyzeTool(name, input, { tools }).effects.map(({ label, target }) => [label, target])

describe('a call of another server’s tool', () => {
  it('has the label that its input gives', () => {
    expect(labelsOf('mcp__deploy__push', { namespace: 'shop', spec: { name: 'web' } })).toEqual([
      ['service:shop/web', 'exact'],
    ])
    expect(labelsOf('mcp__k8s__delete_pod', { name: 7 })).toEqual([['infra:pod/7', 'exact']])
  })

  it('has an unknown target if its input lacks a value or gives one that no label can have', () => {
    const inputs = [
      {},
      null,
      'text',
      { namespace: 'shop', spec: { name: {} } },
      { namespace: '', spec: { name: 'a' } },
    ]
    for (const input of [...inputs, { namespace: 'a b', spec: { name: 'c' } }])
      expect(labelsOf('mcp__deploy__push', input)).toEqual([[null, 'unknown']])
    expect(labelsOf('mcp__k8s__delete_pod', JSON.parse('{"__proto__": {"name": "x"}}'))).toEqual([
      [null, 'unknown'],
    ])
  })

  it('is silent if the config doesn’t name the tool', () => {
    expect(labelsOf('mcp__deploy__list', {})).toEqual([])
    expect(analyzeTool('mcp__deploy__push', {})).toEqual({ effects: [], ranOut: false })
  })
})
