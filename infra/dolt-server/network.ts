import type { types } from '@pulumi/kubernetes'
import type { DoltServerConfig } from '../config/shape.ts'
import { LABELS, PORT } from './deployment.ts'

/** The Service that agents outside the cluster reach, on an address that it may share with other Services. */
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
    // Cluster, since MetalLB lets only such Services share an address when their Pods differ.
    // Behind it a policy sees the node's address in the sender's place, so who may come is said here too.
    ...(outside ? { externalTrafficPolicy: 'Cluster', loadBalancerSourceRanges: [...allowedCidrs] } : {}),
  }
  return { annotations, spec }
}

/** Who reaches the server: the cluster's Pods, and the networks that are named. Nobody reaches another port of it. */
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
