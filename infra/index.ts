import * as pulumi from '@pulumi/pulumi'
import { readMigrations } from '../build/migrations-plugin.ts'
import { readConfig } from './config/read.ts'
import { isServed } from './config/shape.ts'
import { DoltServer } from './dolt-server/dolt-server.ts'
import { bundleMigrator } from './migrator/bundle.ts'
import { clientDsn } from './outputs.ts'
import { enforcePolicy } from './policy.ts'
import { PresenceServer } from './presence-server/presence-server.ts'
import { bundleServer } from './presence-server/program.ts'
import { SchemaMigration } from './schema-migration/schema-migration.ts'

const project = pulumi.getProject()
const config = readConfig({
  project,
  values: pulumi.runtime.allConfig(),
  secretKeys: JSON.parse(process.env['PULUMI_CONFIG_SECRET_KEYS'] || '[]') as string[],
})
enforcePolicy()

const server = config.doltServer.enabled ? new DoltServer('dolt', { config }) : undefined
const migration = new SchemaMigration(
  'schema',
  {
    config,
    migrator: await bundleMigrator(),
    stack: `${pulumi.getOrganization()}/${project}/${pulumi.getStack()}`,
  },
  server ? { dependsOn: [server] } : {},
)
const served = isServed(config)
  ? new PresenceServer('server', { config, program: await bundleServer() }, { dependsOn: [migration] })
  : undefined
const { dsn: client, secret } = clientDsn(config)

/** The board's DSN for agents in the cluster; a secret if it contains a password. */
export const dsn = secret ? pulumi.secret(client) : client
/** The Job that migrated the schema. Its log says what it did. */
export const job = migration.jobName
/** The newest migration on the board, known once the Job has succeeded. */
export const schemaVersion = job.apply(() => readMigrations('mysql').at(-1)?.tag)
/** The command that shows what the Job did. */
export const log = job.apply(name => `kubectl --namespace ${config.namespace} logs job/${name}`)
/** The address of the Dolt server. With `doltServer`, the address outside the cluster if there is one. */
export const address = server?.address ?? config.host
/** If `server` is enabled: the name of its Service. */
export const service = served?.service
/** If `server` is enabled: its address for Pods. */
export const url = served?.url
