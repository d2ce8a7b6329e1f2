import type { types } from '@pulumi/kubernetes'
import type { Input } from '@pulumi/pulumi'
import type { ServedConfig } from '../config/shape.ts'
import { clientAccount } from '../outputs.ts'
import { dsnOf } from '../schema-migration/target.ts'
import { hostsOf, LABELS, PORT } from './names.ts'
import { ENTRY } from './program.ts'

/** Any user but root; the image need not know this id. */
const USER = 65_532
const MOUNTS = { program: '/presence', tokens: '/tokens', password: '/password', trust: '/trust' } as const
/** The key in the tokens' Secret. */
const TOKENS = 'tokens'
export const PASSWORD = 'password'
export const CA = 'ca.pem'

/**
 * How long a Pod that was told to end still serves, in seconds. In this time all nodes stop routing requests
 * to it.
 */
const LEAVE_SECONDS = 6
/**
 * How long a Pod may take to end, in seconds: LEAVE_SECONDS, then up to 10 s in which the server finishes the
 * running requests, and the rest is reserve.
 */
const GRACE_SECONDS = 30

/** The names of the objects that the Deployment mounts. */
export interface ServerPlan {
  readonly config: ServedConfig
  /** The ConfigMaps with the program, and with the CA if one is configured. */
  readonly configMaps: readonly string[]
  /**
   * The Secret with the database's password, if there is one. A changed password makes another Secret, and so
   * new Pods.
   */
  readonly password: Input<string> | undefined
}

export function deploymentSpec(plan: ServerPlan): types.input.apps.v1.DeploymentSpec {
  const labelSelector = { matchLabels: LABELS }
  return {
    replicas: plan.config.server.replicas,
    // A new Pod answers before an old one ends.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: GRACE_SECONDS,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          fsGroup: USER,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        // Only preferred, because a cluster with one node has two replicas too.
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 100, podAffinityTerm: { labelSelector, topologyKey: 'kubernetes.io/hostname' } },
            ],
          },
        },
        topologySpreadConstraints: [
          {
            labelSelector,
            // Counts only Pods of the same rollout.
            matchLabelKeys: ['pod-template-hash'],
            maxSkew: 1,
            topologyKey: 'topology.kubernetes.io/zone',
            whenUnsatisfiable: 'ScheduleAnyway',
          },
        ],
        containers: [container(plan)],
        volumes: volumes(plan),
      },
    },
  }
}

function container({ config, password }: ServerPlan): types.input.core.v1.Container {
  const { server, image } = config
  return {
    name: 'presence',
    image: server.image ?? image,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', `${MOUNTS.program}/${ENTRY}`, 'serve'],
    args: [
      ...['--host', '0.0.0.0', '--port', String(PORT)],
      ...['--token-file', `${MOUNTS.tokens}/${TOKENS}`],
      ...['--log', 'json'],
      ...hostsOf(config).flatMap(host => ['--allowed-host', host]),
    ],
    workingDir: '/',
    env: [
      { name: 'HOME', value: '/' },
      { name: 'PRESENCE_DSN', value: dsnFor(config, password !== undefined) },
    ],
    ports: [{ name: 'http', containerPort: PORT }],
    ...probes(),
    lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } },
    resources: {
      requests: { cpu: server.cpu, memory: server.memory },
      limits: { memory: server.memoryLimit },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'program', mountPath: MOUNTS.program, readOnly: true },
      // Mounts the folder, not only the file, so that tokens that are added or removed later become visible.
      { name: 'tokens', mountPath: MOUNTS.tokens, readOnly: true },
      ...(password === undefined ? [] : [{ name: 'password', mountPath: MOUNTS.password, readOnly: true }]),
      ...(config.caCertificate === undefined
        ? []
        : [{ name: 'trust', mountPath: MOUNTS.trust, readOnly: true }]),
    ],
  }
}

/**
 * The probes for liveness and readiness differ: no restart brings a database back, so its absence only takes
 * the Pods out of the Service.
 */
function probes() {
  const ask = (path: string) => ({ httpGet: { path, port: 'http' } })
  return {
    startupProbe: { ...ask('/health'), periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
    livenessProbe: { ...ask('/health'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...ask('/ready'), periodSeconds: 3, timeoutSeconds: 3, failureThreshold: 2 },
  }
}

/** The board's DSN for the server's Pods, with the password's file instead of the password. */
function dsnFor(config: ServedConfig, withPassword: boolean): string {
  return dsnOf(config, {
    user: clientAccount(config).user,
    caFile: config.caCertificate === undefined ? undefined : `${MOUNTS.trust}/${CA}`,
    passwordFile: withPassword ? `${MOUNTS.password}/${PASSWORD}` : undefined,
  })
}

function volumes({ config, configMaps, password }: ServerPlan): types.input.core.v1.Volume[] {
  const [first] = configMaps
  // 0440: the group is the Pod's own, and has no other members.
  const secret = (secretName: Input<string>) => ({ secretName, defaultMode: 0o440 })
  return [
    { name: 'program', projected: { sources: configMaps.map(name => ({ configMap: { name } })) } },
    { name: 'tokens', secret: secret(config.server.tokenSecret) },
    ...(password === undefined ? [] : [{ name: 'password', secret: secret(password) }]),
    ...(config.caCertificate === undefined || first === undefined
      ? []
      : [{ name: 'trust', configMap: { name: first, items: [{ key: CA, path: CA }] } }]),
  ]
}
