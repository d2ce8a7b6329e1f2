import * as kubernetes from '@pulumi/kubernetes'
import * as pulumi from '@pulumi/pulumi'
import type { InfraConfig } from '../config/shape.ts'
import type { Migrator } from '../migrator/bundle.ts'
import { jobSpec } from './job.ts'
import { jobName, secretName } from './name.ts'
import { environmentOf, passwordsOf } from './target.ts'

export interface SchemaMigrationArgs {
  readonly config: InfraConfig
  readonly migrator: Migrator
  /** Organization, project and stack, so that the objects of two stacks differ. */
  readonly stack: string
}

/**
 * Migrates the schema of a running Dolt and waits until that is done. It consists of a Job that is named by
 * what it does, the ConfigMap with its code, and a Secret with the passwords. If checkout and configuration
 * are the same as before, nothing is planned.
 */
export class SchemaMigration extends pulumi.ComponentResource {
  /** The Job's name, known once the Job has succeeded. */
  readonly jobName: pulumi.Output<string>

  constructor(name: string, args: SchemaMigrationArgs, options?: pulumi.ComponentResourceOptions) {
    super('presence:infra:SchemaMigration', name, {}, options)
    const { config, migrator, stack } = args
    const { namespace } = config
    const called = jobName(config, migrator, stack)
    const labels = { 'app.kubernetes.io/part-of': 'presence' }
    const parent = { parent: this }

    const code = new kubernetes.core.v1.ConfigMap(
      // Pulumi's name includes the hash, so that each version is a new resource. With a fixed name,
      // `ignoreChanges` below would keep the old code under the new ConfigMap's name.
      `${name}-code-${called}`,
      {
        metadata: { name: called, namespace, labels },
        immutable: true,
        data: {
          ...migrator.text,
          ...(config.caCertificate === undefined ? {} : { 'ca.pem': config.caCertificate }),
        },
        binaryData: migrator.binary,
      },
      // The name is a hash of the content. Another version of Node may compress the same code to other bytes.
      { ...parent, ignoreChanges: ['data', 'binaryData'] },
    )

    const passwords = pulumi.secret(passwordsOf(config))
    const secret = Object.keys(passwordsOf(config)).length === 0 ? undefined : secretName(config, stack)
    const held = secret
      ? [
          new kubernetes.core.v1.Secret(
            `${name}-passwords`,
            { metadata: { name: secret, namespace, labels }, stringData: passwords },
            { ...parent, additionalSecretOutputs: ['data', 'stringData'] },
          ),
        ]
      : []

    const job = new kubernetes.batch.v1.Job(
      `${name}-job`,
      {
        metadata: { name: called, namespace, labels, annotations: { 'pulumi.com/replaceUnready': 'true' } },
        spec: jobSpec({
          image: config.image,
          environment: environmentOf(config),
          entry: 'migrate.cjs',
          configMap: called,
          secret,
          withCa: config.caCertificate !== undefined,
        }),
      },
      {
        ...parent,
        dependsOn: [code, ...held],
        customTimeouts: { create: '5m', update: '5m' },
        // A Job can't be changed, only replaced. "*" also replaces a Job that failed the last time.
        replaceOnChanges: ['*'],
        deleteBeforeReplace: true,
        // Passwords aren't part of the name: if one is changed, a new run of the Job updates the accounts.
        replacementTrigger: passwords,
      },
    )
    this.jobName = pulumi.all([job.metadata.name, job.status]).apply(([done]) => done)
    this.registerOutputs({ jobName: this.jobName })
  }
}
