import { describe, expect, it } from 'vitest'
import { readConfig } from '../config/read.ts'
import { networkPolicySpec, serviceSpec } from './network.ts'

const BASE = readConfig({ project: 'presence', values: {}, secretKeys: [] })

const withServer = (server: object, more: object = {}) => ({
  ...BASE,
  ...more,
  server: { ...BASE.server, ...server },
})
const policyOf = (config: typeof BASE) => JSON.parse(JSON.stringify(networkPolicySpec(config)))
const namespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})

describe('the network policy', () => {
  it('allows its own namespace in, to the one port', () => {
    const { policyTypes, ingress } = policyOf(BASE)
    expect(policyTypes).toEqual(['Ingress', 'Egress'])
    expect(ingress).toEqual([{ from: [{ podSelector: {} }], ports: [{ port: 8787, protocol: 'TCP' }] }])
  })

  it('allows the named namespaces and networks in', () => {
    const config = withServer({ allowedNamespaces: ['ingress-nginx'], allowedCidrs: ['10.0.0.0/8'] })
    expect(policyOf(config).ingress[0].from).toEqual([
      { podSelector: {} },
      namespace('ingress-nginx'),
      { ipBlock: { cidr: '10.0.0.0/8' } },
    ])
  })

  it('allows traffic out only to the database’s namespace and the name service', () => {
    expect(policyOf(BASE).egress).toEqual([
      { to: [namespace('beads-server')], ports: [{ port: 3306, protocol: 'TCP' }] },
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
    ])
  })

  it.each(['db.example.org', '10.0.20.200', 'fd00::1', 'dolt.svc.example.org'])(
    'allows traffic out to a database at %s, which no policy can name, by its port alone',
    host => {
      expect(policyOf(withServer({}, { host, port: 3307 })).egress[0]).toEqual({
        ports: [{ port: 3307, protocol: 'TCP' }],
      })
    },
  )
})

it('the Service’s port can be chosen, and leads to the unprivileged port', () => {
  expect(serviceSpec(withServer({ port: 80 })).ports).toEqual([
    { name: 'http', port: 80, targetPort: 'http' },
  ])
})
