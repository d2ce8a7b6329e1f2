import type { types } from '@pulumi/kubernetes'
import { MOUNTS } from './target.ts'

type JobSpec = types.input.batch.v1.JobSpec
type Container = types.input.core.v1.Container

/** The inputs of a Job's specification. */
export interface JobPlan {
  readonly image: string
  readonly environment: Readonly<Record<string, string>>
  /** The file that Node runs. */
  readonly entry: string
  readonly configMap: string
  /** The Secret with the passwords; undefined if there is none. */
  readonly secret: string | undefined
  /** True if the ConfigMap contains a CA to trust. */
  readonly withCa: boolean
}

/** Less than the five minutes that `pulumi up` waits, so that it reports how the Job itself ended. */
const DEADLINE_SECONDS = 270
/**
 * Four tries within some 80 s, even with a wrong password. A pod failure policy could stop after the first
 * try. But Pulumi's provider counts a Job as failed only at its backoff limit or deadline, so `pulumi up`
 * would wait for five minutes.
 */
const BACKOFF_LIMIT = 3
/** Any user but root; the image need not know this id. */
const USER = 65_532

export function jobSpec(plan: JobPlan): JobSpec {
  return {
    backoffLimit: BACKOFF_LIMIT,
    activeDeadlineSeconds: DEADLINE_SECONDS,
    template: {
      metadata: { labels: { 'app.kubernetes.io/name': 'presence-schema' } },
      spec: {
        // OnFailure would restart the container and finally delete the Pod, together with the reason.
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          fsGroup: USER,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [container(plan)],
        volumes: volumes(plan),
      },
    },
  }
}

function container({ image, environment, entry, secret, withCa }: JobPlan): Container {
  return {
    name: 'migrate',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', `${MOUNTS.migrator}/${entry}`],
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'migrator', mountPath: MOUNTS.migrator, readOnly: true },
      ...(secret === undefined ? [] : [{ name: 'secrets', mountPath: MOUNTS.secrets, readOnly: true }]),
      ...(withCa ? [{ name: 'trust', mountPath: MOUNTS.trust, readOnly: true }] : []),
    ],
  }
}

function volumes({ configMap, secret, withCa }: JobPlan) {
  const ca = { key: 'ca.pem', path: 'ca.pem' }
  return [
    { name: 'migrator', configMap: { name: configMap } },
    // 0440: the group is the Pod's own, and has no other members.
    ...(secret === undefined
      ? []
      : [{ name: 'secrets', secret: { secretName: secret, defaultMode: 0o440 } }]),
    ...(withCa ? [{ name: 'trust', configMap: { name: configMap, items: [ca] } }] : []),
  ]
}
