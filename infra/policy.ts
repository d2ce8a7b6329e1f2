import * as pulumi from '@pulumi/pulumi'

/** A resource that is about to be made, as far as it is known in preview. */
export interface Planned {
  readonly type: string
  readonly name: string
  readonly props: {
    readonly spec?: {
      readonly activeDeadlineSeconds?: number
      readonly backoffLimit?: number
      readonly template?: {
        readonly spec?: { readonly containers?: unknown; readonly initContainers?: unknown }
      }
    }
    readonly data?: unknown
    readonly binaryData?: unknown
  }
  readonly options: pulumi.ResourceOptions
}

/**
 * Changes that must never be planned, with the reason. They are all refused in the preview. When you add a
 * resource, you can add rules for it here.
 */
export const NEVER: {
  readonly type: string
  readonly when: (planned: Planned) => boolean
  readonly because: string
}[] = [
  {
    type: 'kubernetes:batch/v1:Job',
    when: ({ props }) => !((props.spec?.activeDeadlineSeconds ?? 0) > 0),
    because: 'has no activeDeadlineSeconds: a Job that hangs would hang for ever',
  },
  {
    type: 'kubernetes:batch/v1:CronJob',
    when: () => true,
    because: 'is a CronJob, which would run when nothing waits for its result: use a Job',
  },
  {
    type: 'kubernetes:batch/v1:Job',
    when: ({ props }) => props.spec?.backoffLimit === undefined,
    because: 'has no backoffLimit of its own',
  },
  {
    type: 'kubernetes:core/v1:PersistentVolumeClaim',
    when: ({ options }) => options.retainOnDelete !== true,
    because: 'could be deleted, and the data with it: it needs retainOnDelete',
  },
  {
    type: 'kubernetes:core/v1:Namespace',
    when: ({ options }) => options.retainOnDelete !== true,
    because: 'could be deleted, and every volume in it: it needs retainOnDelete',
  },
  ...['apps/v1:Deployment', 'batch/v1:Job'].map(kind => ({
    type: `kubernetes:${kind}`,
    when: ({ props }: Planned) => {
      const { containers, initContainers } = props.spec?.template?.spec ?? {}
      return [containers, initContainers].some(holdsOutput)
    },
    because: 'may have a secret in its command line or environment: mount secrets from a Secret',
  })),
  {
    type: 'kubernetes:core/v1:ConfigMap',
    when: ({ props }) => [props.data, props.binaryData].some(holdsOutput),
    because: 'may contain a secret: put secrets into a Secret',
  },
]

/** A value that only the engine knows may be a secret, however deep it is nested. */
function holdsOutput(value: unknown): boolean {
  if (pulumi.Output.isInstance(value)) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsOutput)
}

/** @throws RunError naming the resource and the reason */
export function refuseNever(planned: Planned): void {
  const broken = NEVER.find(({ type, when }) => type === planned.type && when(planned))
  if (broken) throw new pulumi.RunError(`${planned.name} (${planned.type}) ${broken.because}`)
}

/** Checks every resource of the program before it is planned. */
export function enforcePolicy(): void {
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    refuseNever({ type, name, props, options: opts })
    return undefined
  })
}
