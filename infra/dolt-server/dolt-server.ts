import { createHash } from 'node:crypto'
import * as kubernetes from '@pulumi/kubernetes'
import * as pulumi from '@pulumi/pulumi'
import type { InfraConfig } from '../config/shape.ts'
import { accountsSql } from './accounts.ts'
import { deploymentSpec, LABELS, SERVER_SETTINGS } from './deployment.ts'
import { networkPolicySpec, serviceOf } from './network.ts'
import { volumeSpec } from './volume.ts'

/** The Service's name, and the first part of its host name. */
const SERVICE = 'dolt'
const VOLUME = 'dolt-data'

type Adoptable = InfraConfig['doltServer']['adopt'][number]

/**
 * A Dolt server with its data, for users who have none. All of it is protected: neither `pulumi destroy` nor
 * a key set to false by mistake removes it, and the volume remains even if the stack's protection is off.
 */
export class DoltServer extends pulumi.ComponentResource {
  /** The address outside the cluster; without one, the Service's host inside it. */
  readonly address: pulumi.Output<string>

  constructor(name: string, { config }: { config: InfraConfig }, options?: pulumi.ComponentResourceOptions) {
    super('presence:infra:DoltServer', name, {}, options)
    const { namespace, doltServer } = config
    const { protect } = doltServer
    // An existing object may differ from the one that this program would create, and most of its fields can't
    // be changed. So it is adopted unchanged.
    const adopted = (what: Adoptable, id: string) =>
      doltServer.adopt.includes(what) ? { import: id, ignoreChanges: ['metadata', 'spec'] } : {}
    const kept = { parent: this, protect }

    const space = new kubernetes.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: namespace } },
      { ...kept, retainOnDelete: true, ...adopted('namespace', namespace) },
    )
    const within = { ...kept, dependsOn: [space] }

    const data = volumeSpec(doltServer)
    const volume = new kubernetes.core.v1.PersistentVolumeClaim(
      `${name}-data`,
      { metadata: { name: VOLUME, namespace, annotations: data.annotations }, spec: data.spec },
      {
        ...within,
        retainOnDelete: true,
        // The volume grows by itself, and can't shrink.
        ignoreChanges: ['spec.resources.requests.storage'],
        ...adopted('volume', `${namespace}/${VOLUME}`),
      },
    )
    const settingsName = `dolt-settings-${createHash('sha256').update(SERVER_SETTINGS).digest('hex').slice(0, 10)}`
    const settings = new kubernetes.core.v1.ConfigMap(
      `${name}-settings`,
      { metadata: { name: settingsName, namespace }, data: { 'config.yaml': SERVER_SETTINGS } },
      { ...within, protect: false },
    )
    const accounts = new kubernetes.core.v1.Secret(
      `${name}-accounts`,
      {
        // Has no fixed name: a changed password makes a new Secret with another name, created before the old
        // one is deleted.
        metadata: { namespace },
        stringData: pulumi.secret({ 'accounts.sql': accountsSql(config.password ?? '') }),
      },
      { ...within, protect: false, additionalSecretOutputs: ['data', 'stringData'] },
    )
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network`,
      { metadata: { name: SERVICE, namespace }, spec: networkPolicySpec(doltServer) },
      within,
    )
    const { annotations, spec } = serviceOf(doltServer)
    const service = new kubernetes.core.v1.Service(
      `${name}-service`,
      { metadata: { name: SERVICE, namespace, labels: LABELS, annotations }, spec },
      within,
    )
    new kubernetes.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: { name: SERVICE, namespace, labels: LABELS },
        spec: deploymentSpec({
          config: doltServer,
          volume: VOLUME,
          settings: settingsName,
          accounts: accounts.metadata.name,
        }),
      },
      {
        ...within,
        // Does not depend on the Service, which counts as created only once it has a Pod.
        dependsOn: [volume, settings, accounts],
      },
    )
    this.address = service.status.apply(status => status?.loadBalancer?.ingress?.[0]?.ip ?? config.host)
    this.registerOutputs({ address: this.address })
  }
}
