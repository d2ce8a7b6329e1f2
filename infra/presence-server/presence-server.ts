import { createHash } from 'node:crypto'
import * as kubernetes from '@pulumi/kubernetes'
import * as pulumi from '@pulumi/pulumi'
import type { ServedConfig } from '../config/shape.ts'
import { clientAccount } from '../outputs.ts'
import { CA, deploymentSpec, PASSWORD } from './deployment.ts'
import { hostsOf, LABELS, SERVICE } from './names.ts'
import { networkPolicySpec, serviceSpec } from './network.ts'
import type { ServerProgram } from './program.ts'

export interface PresenceServerArgs {
  readonly config: ServedConfig
  readonly program: ServerProgram
}

/**
 * `presence serve` in the cluster: the board over HTTP for sessions without a database account. It stores
 * nothing itself, so its replicas may come and go freely.
 */
export class PresenceServer extends pulumi.ComponentResource {
  /** The Service's name, known once a replica answers. */
  readonly service: pulumi.Output<string>
  /** Its address for Pods. */
  readonly url: pulumi.Output<string>

  constructor(name: string, args: PresenceServerArgs, options?: pulumi.ComponentResourceOptions) {
    super('presence:infra:PresenceServer', name, {}, options)
    const { config, program } = args
    const { namespace, server } = config
    const parent = { parent: this }
    const metadata = { name: SERVICE, namespace, labels: LABELS }

    const maps = programMaps(config, program)
    const code = maps.map(
      ({ called, ...files }) =>
        new kubernetes.core.v1.ConfigMap(
          // Pulumi's name includes the hash, so that each version is a new resource. With a fixed name,
          // `ignoreChanges` below would keep the old code under the new ConfigMap's name.
          `${name}-${called}`,
          { metadata: { name: called, namespace, labels: LABELS }, immutable: true, ...files },
          // The name is a hash of the content. Another version of Node may compress the same code to other
          // bytes.
          { ...parent, ignoreChanges: ['data', 'binaryData'] },
        ),
    )
    const { password } = clientAccount(config)
    const held =
      password === undefined
        ? undefined
        : new kubernetes.core.v1.Secret(
            `${name}-password`,
            {
              // Has no fixed name: a changed password makes a new Secret with another name, created before
              // the old one is deleted.
              metadata: { namespace, labels: LABELS },
              stringData: pulumi.secret({ [PASSWORD]: password }),
            },
            { ...parent, additionalSecretOutputs: ['data', 'stringData'] },
          )
    const policy = new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network`,
      { metadata, spec: networkPolicySpec(config) },
      parent,
    )
    // With one replica a budget would never allow its Pod to be evicted, so its node could not be drained.
    if (server.replicas > 1)
      new kubernetes.policy.v1.PodDisruptionBudget(
        `${name}-budget`,
        { metadata, spec: { minAvailable: 1, selector: { matchLabels: LABELS } } },
        parent,
      )
    const service = new kubernetes.core.v1.Service(
      `${name}-service`,
      { metadata, spec: serviceSpec(config) },
      parent,
    )
    new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: deploymentSpec({
          config,
          configMaps: maps.map(({ called }) => called),
          password: held?.metadata.name,
        }),
      },
      // Does not depend on the Service, which counts as created only once it has a Pod.
      {
        ...parent,
        dependsOn: [...code, ...(held ? [held] : []), policy],
        customTimeouts: { create: '5m', update: '5m' },
      },
    )
    this.service = pulumi.all([service.metadata.name, service.status]).apply(([made]) => made)
    this.url = this.service.apply(() => `http://${hostsOf(config)[0]}:${server.port}`)
    this.registerOutputs({ service: this.service, url: this.url })
  }
}

/** A ConfigMap for each part of the program, named by the hash of all parts. */
function programMaps({ caCertificate }: ServedConfig, { parts, hash }: ServerProgram) {
  const digest = createHash('sha256')
    .update(hash)
    .update(caCertificate ?? '')
    .digest('hex')
    .slice(0, 10)
  return parts.map(({ text, binary }, at) => ({
    called: `presence-server-${digest}-${at}`,
    data: { ...text, ...(at === 0 && caCertificate !== undefined ? { [CA]: caCertificate } : {}) },
    binaryData: binary,
  }))
}
