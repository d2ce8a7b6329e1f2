import { isIP } from 'node:net'
import type { types } from '@pulumi/kubernetes'
import type { InfraConfig } from '../config/shape.ts'
import { LABELS, PORT } from './names.ts'

export function serviceSpec({ server }: InfraConfig): types.input.core.v1.ServiceSpec {
  return {
    type: 'ClusterIP',
    selector: LABELS,
    ports: [{ name: 'http', port: server.port, targetPort: 'http' }],
  }
}

/**
 * Which senders reach the server (by default its own namespace), and what it reaches: the database and the
 * name service.
 */
export function networkPolicySpec(config: InfraConfig): types.input.networking.v1.NetworkPolicySpec {
  const { allowedNamespaces, allowedCidrs } = config.server
  return {
    podSelector: { matchLabels: LABELS },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          { podSelector: {} },
          ...allowedNamespaces.map(inNamespace),
          ...allowedCidrs.map(cidr => ({ ipBlock: { cidr } })),
        ],
        ports: [{ port: PORT, protocol: 'TCP' }],
      },
    ],
    egress: [
      { ...databaseOf(config), ports: [{ port: config.port, protocol: 'TCP' }] },
      { ports: ['UDP', 'TCP'].map(protocol => ({ port: 53, protocol })) },
    ],
  }
}

/**
 * The namespace of the database's Pods, if the host's name contains one. Otherwise only the port is
 * restricted: a policy can't match host names, and it never sees the address of a Service.
 */
function databaseOf({ host }: InfraConfig): Pick<types.input.networking.v1.NetworkPolicyEgressRule, 'to'> {
  const [, namespace] = isIP(host) === 0 ? (/^[^.]+\.([^.]+)\.svc(\.|$)/.exec(host) ?? []) : []
  return namespace === undefined ? {} : { to: [inNamespace(namespace)] }
}

function inNamespace(name: string) {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }
}
