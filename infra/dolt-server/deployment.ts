import type { types } from '@pulumi/kubernetes'
import type { Input } from '@pulumi/pulumi'
import type { DoltServerConfig } from '../config/shape.ts'

export const LABELS = { 'app.kubernetes.io/name': 'dolt', 'app.kubernetes.io/part-of': 'presence' } as const
export const PORT = 3306
/** Any user but root; the volume belongs to its group. */
const USER = 65_532
const MOUNTS = {
  data: '/var/lib/dolt',
  settings: '/etc/dolt',
  accounts: '/accounts',
  temporary: '/tmp',
  nothing: '/nothing',
} as const

export const SERVER_SETTINGS = `log_level: info
data_dir: ${MOUNTS.data}
listener:
  host: 0.0.0.0
  port: ${PORT}
`

/** The names of the objects that the Deployment mounts. */
export interface DeploymentPlan {
  readonly config: DoltServerConfig
  readonly volume: string
  readonly settings: string
  /** A different Secret restarts the server, because its accounts are set before it starts. */
  readonly accounts: Input<string>
}

/** Exactly one server: two would write to one folder, so the old one is removed before the new one starts. */
export function deploymentSpec(plan: DeploymentPlan): types.input.apps.v1.DeploymentSpec {
  return {
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        // Gives writes in progress time to finish.
        terminationGracePeriodSeconds: 60,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          fsGroup: USER,
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
        initContainers: [accounts(plan)],
        containers: [server(plan)],
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: plan.volume } },
          { name: 'settings', configMap: { name: plan.settings } },
          { name: 'accounts', secret: { secretName: plan.accounts, defaultMode: 0o440 } },
          { name: 'temporary', emptyDir: {} },
        ],
      },
    },
  }
}

function accounts({ config }: DeploymentPlan): types.input.core.v1.Container {
  return {
    name: 'accounts',
    ...common(config),
    command: [
      'dolt',
      // Opens only the account files, not the data folder. After a crash the data folder contains the old
      // server's lock file, and `dolt sql` would try to connect to that server.
      ...['--data-dir', MOUNTS.nothing],
      ...['--doltcfg-dir', `${MOUNTS.data}/.doltcfg`],
      ...['--privilege-file', `${MOUNTS.data}/.doltcfg/privileges.db`],
      ...['sql', '--file', `${MOUNTS.accounts}/accounts.sql`],
    ],
    // On failure the container prints the statement, with the password's hash. With `File`, that log doesn't
    // become part of the Pod's status, which users without access to Secrets may be able to read.
    terminationMessagePolicy: 'File',
    volumeMounts: [
      { name: 'data', mountPath: MOUNTS.data },
      { name: 'accounts', mountPath: MOUNTS.accounts, readOnly: true },
      { name: 'temporary', mountPath: MOUNTS.temporary },
      { name: 'temporary', mountPath: MOUNTS.nothing, subPath: 'nothing' },
    ],
  }
}

function server({ config }: DeploymentPlan): types.input.core.v1.Container {
  const answers = { tcpSocket: { port: PORT }, timeoutSeconds: 2 }
  return {
    name: 'dolt',
    ...common(config),
    command: ['dolt', 'sql-server', '--config', `${MOUNTS.settings}/config.yaml`],
    ports: [{ name: 'mysql', containerPort: PORT }],
    startupProbe: { ...answers, periodSeconds: 1, failureThreshold: 120 },
    readinessProbe: { ...answers, periodSeconds: 5 },
    livenessProbe: { ...answers, periodSeconds: 20, failureThreshold: 6 },
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '2Gi' } },
    volumeMounts: [
      { name: 'data', mountPath: MOUNTS.data },
      { name: 'settings', mountPath: MOUNTS.settings, readOnly: true },
      { name: 'temporary', mountPath: MOUNTS.temporary },
    ],
  }
}

function common({ image }: DoltServerConfig) {
  return {
    image,
    imagePullPolicy: 'IfNotPresent',
    workingDir: MOUNTS.data,
    env: [{ name: 'HOME', value: MOUNTS.temporary }],
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  }
}
