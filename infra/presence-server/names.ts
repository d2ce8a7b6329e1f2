import type { InfraConfig } from '../config/shape.ts'

/** The Service's name, and the first part of its host name. */
export const SERVICE = 'presence'
/** The unprivileged port in the Pod. The Service's port may be another one. */
export const PORT = 8787
export const LABELS = {
  'app.kubernetes.io/name': 'presence-server',
  'app.kubernetes.io/part-of': 'presence',
} as const

/**
 * The names by which Pods reach the server, the fully qualified one first, and those that an operator adds.
 */
export function hostsOf({ namespace, server }: InfraConfig): readonly [string, ...string[]] {
  const short = `${SERVICE}.${namespace}`
  return [`${short}.svc.cluster.local`, `${short}.svc`, short, SERVICE, ...server.allowedHosts]
}
