import type { types } from '@pulumi/kubernetes'
import type { DoltServerConfig } from '../config/shape.ts'
import { LABELS, PORT } from './deployment.ts'

/** The Service for agents outside the cluster, on an address that it may share with other Services. */
export function serviceOf({ serviceType, address, sharedAddress, allowedCidrs }: DoltServerConfig) {
  const outside = serviceType === 'LoadBalancer'
  const annotations: Readonly<Record<string, string>> = outside
    ? {
        'metallb.io/allow-shared-ip': sharedAddress,
        ...(address === undefined ? {} : { 'metallb.io/loadBalancerIPs': address }),
      }
    : {}
  const spec: types.input.core.v1.ServiceSpec = {
    type: serviceType,
    selector: LABELS,
    ports: [{ name: 'mysql', port: PORT, targetPort: 'mysql' }],
    // `Cluster`, because MetalLB lets Services with different Pods share an address only with this policy. A
    // network policy then sees the node's address instead of the sender's, so the allowed senders are listed
    // here too.
    ...(outside ? { externalTrafficPolicy: 'Cluster', loadBalancerSourceRanges: [...allowedCidrs] } : {}),
  }
  return { annotations, spec }
}

/**
 * Which senders reach the server: the cluster's Pods, and the networks that are named. No sender reaches
 * another port.
 */
export function networkPolicySpec({
  allowedCidrs,
}: DoltServerConfig): types.input.networking.v1.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: LABELS },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: {} }, ...allowedCidrs.map(cidr => ({ ipBlock: { cidr } }))],
        ports: [{ port: PORT, protocol: 'TCP' }],
      },
    ],
  }
}
