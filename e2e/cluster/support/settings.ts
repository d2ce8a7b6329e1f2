import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CNI_PLUGINS } from './requirements.ts'
import { POD_BRIDGE, type Sandbox } from './sandbox.ts'

export const NODE_NAME = 'presence-test'
/** In the sandbox every port is free. */
export const API_PORT = 6443
export const PAUSE_IMAGE = 'localhost/pause:1'

/** Writes the settings of every part of the cluster to the sandbox's folder. */
export function writeSettings(sandbox: Sandbox): void {
  const { folder } = sandbox
  mkdirSync(join(folder, 'cni'), { recursive: true })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('kubeconfig', kubeconfig(sandbox))
  write('containerd.toml', containerd(folder))
  write('cni/10-bridge.conflist', JSON.stringify(bridge(sandbox)))
  write('kubelet.json', JSON.stringify(kubelet(sandbox)))
  write('proxy.json', JSON.stringify(proxy(sandbox)))
  write('Corefile', dns(sandbox))
}

function kubeconfig({ folder, network }: Sandbox): string {
  const pki = join(folder, 'pki')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: { server: `https://${network.node}:${API_PORT}`, 'certificate-authority': `${pki}/ca.crt` },
      },
    ],
    users: [
      { name: 'admin', user: { 'client-certificate': `${pki}/admin.crt`, 'client-key': `${pki}/admin.key` } },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  })
}

/** Without CAP_SYS_RESOURCE no process may lower its oom score, and no container would start. */
function containerd(folder: string): string {
  return `version = 2
root = "${folder}/containerd/root"
state = "${folder}/containerd/state"
[grpc]
address = "${folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${CNI_PLUGINS}"
conf_dir = "${folder}/cni"
`
}

function bridge({ folder, network }: Sandbox) {
  return {
    cniVersion: '0.4.0',
    name: 'presence',
    plugins: [
      {
        type: 'bridge',
        bridge: POD_BRIDGE,
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: join(folder, 'addresses'),
          ranges: [[{ subnet: network.pods }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  }
}

function kubelet({ folder, network, cgroup }: Sandbox) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: join(folder, 'pki/ca.crt') },
    },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
    clusterDNS: [network.podsGateway],
    clusterDomain: 'cluster.local',
    // Not /var/log/pods: two clusters on one machine would remove each other's logs.
    podLogsDir: join(folder, 'pod-logs'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    // How soon a change in a container is noticed. The default of 1 minute is for nodes with hundreds of
    // containers.
    syncFrequency: '2s',
  }
}

function proxy({ folder, network }: Sandbox) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: join(folder, 'kubeconfig') },
    mode: 'iptables',
    clusterCIDR: network.pods,
    hostnameOverride: NODE_NAME,
    conntrack: { maxPerCore: 0, min: 0 },
    // A Pod and the Service's Pod share one bridge: the answer must take the same way back as the request.
    iptables: { masqueradeAll: true },
  }
}

function dns({ folder, network }: Sandbox): string {
  return `.:53 {
  bind ${network.podsGateway}
  errors
  kubernetes cluster.local {
    kubeconfig ${folder}/kubeconfig
    ttl 1
  }
}
`
}
