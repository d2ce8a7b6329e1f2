import mysql from 'mysql2/promise'
import { until } from '../../support/until.ts'
import { api, dataFolder, newNamespace } from './context.ts'
import { DOLT_IMAGE } from './programs.ts'

const LABELS = { app: 'somebodys-dolt' }
/** Allows root from other Pods. Dolt itself reads it when it creates its data. */
const ROOT = { DOLT_ROOT_HOST: '%' }

/** A third party's Dolt, in a Pod behind a Service, in a namespace for one test. */
export class DoltPod {
  readonly namespace: string
  readonly password: string
  #address = ''

  private constructor(namespace: string, password: string) {
    this.namespace = namespace
    this.password = password
  }

  /** @param running whether the server runs from the start */
  static async start({ password = '', running = true } = {}): Promise<DoltPod> {
    const namespace = newNamespace()
    const pod = new DoltPod(namespace, password)
    await api.create('/api/v1/namespaces', { metadata: { name: namespace } })
    await pod.#create(running ? 1 : 0)
    if (running) await pod.answers()
    return pod
  }

  /** The Service's address, which this host can reach. Pods find it by name. */
  get address(): string {
    return this.#address
  }

  /** Sets the number of Pods: 0 removes the server, 1 brings it back with its data. */
  async scale(replicas: 0 | 1): Promise<void> {
    await api.patch(`/apis/apps/v1/namespaces/${this.namespace}/deployments/dolt`, { spec: { replicas } })
    if (replicas === 1) await this.answers()
  }

  async answers(): Promise<void> {
    await until(`Dolt in ${this.namespace}`, () => this.sql(undefined, 'SELECT 1'), 180_000)
  }

  /** Runs statements through the Service, and returns the rows of the last one. */
  async sql(
    database: string | undefined,
    ...statements: string[]
  ): Promise<readonly Record<string, unknown>[]> {
    const connection = await this.connect(database)
    try {
      let rows: unknown = []
      for (const statement of statements) [rows] = await connection.query(statement)
      return rows as Record<string, unknown>[]
    } finally {
      connection.destroy()
    }
  }

  connect(database?: string, user = 'root', password = this.password): Promise<mysql.Connection> {
    const options = { host: this.#address, user, password, connectTimeout: 10_000, timezone: 'Z' }
    return mysql.createConnection({ ...options, ...(database === undefined ? {} : { database }) })
  }

  async #create(replicas: number): Promise<void> {
    const env = { ...ROOT, DOLT_ROOT_PASSWORD: this.password, HOME: '/tmp' }
    const container = {
      name: 'dolt',
      image: DOLT_IMAGE,
      imagePullPolicy: 'IfNotPresent',
      command: ['dolt', 'sql-server', '--host', '0.0.0.0', '--data-dir', '/data'],
      workingDir: '/data',
      env: Object.entries(env).map(([name, value]) => ({ name, value })),
      readinessProbe: { tcpSocket: { port: 3306 }, periodSeconds: 1 },
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'temporary', mountPath: '/tmp' },
      ],
    }
    // On the node's own disk, so that a Pod that comes back finds its data.
    const data = { name: 'data', hostPath: { path: dataFolder(this.namespace), type: 'DirectoryOrCreate' } }
    await api.create(`/apis/apps/v1/namespaces/${this.namespace}/deployments`, {
      metadata: { name: 'dolt' },
      spec: {
        replicas,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: {
            terminationGracePeriodSeconds: 1,
            enableServiceLinks: false,
            containers: [container],
            volumes: [data, { name: 'temporary', emptyDir: {} }],
          },
        },
      },
    })
    const service = await api.create(`/api/v1/namespaces/${this.namespace}/services`, {
      metadata: { name: 'dolt' },
      spec: { selector: LABELS, ports: [{ port: 3306 }] },
    })
    this.#address = service.spec.clusterIP ?? ''
  }
}
