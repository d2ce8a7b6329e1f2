import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'

/** The parts of any kind of object that the tests read. */
export interface KubernetesObject {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly deletionTimestamp?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly type?: string
    readonly clusterIP?: string
    readonly externalTrafficPolicy?: string
  }
  readonly status: {
    readonly phase?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] }
  }
}

export interface PodObject extends KubernetesObject {
  readonly status: KubernetesObject['status'] & {
    readonly podIP?: string
    readonly containerStatuses?: readonly { readonly restartCount: number }[]
  }
}

/**
 * The cluster as its administrator sees it: uses the API itself, so that the version of a client does not
 * matter.
 */
export class KubernetesApi {
  readonly #server: string
  readonly #agent: Agent

  private constructor(server: string, agent: Agent) {
    this.#server = server
    this.#agent = agent
  }

  static of(kubeconfig: string): KubernetesApi {
    const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8'))
    const agent = new Agent({
      ca: readFileSync(clusters[0].cluster['certificate-authority']),
      cert: readFileSync(users[0].user['client-certificate']),
      key: readFileSync(users[0].user['client-key']),
      keepAlive: false,
    })
    return new KubernetesApi(clusters[0].cluster.server, agent)
  }

  async isReady(): Promise<boolean> {
    return (await this.#send('GET', '/readyz')) === 'ok'
  }

  async get(path: string): Promise<KubernetesObject> {
    return JSON.parse(await this.#send('GET', path))
  }

  /** The items of a list. */
  async list<T extends KubernetesObject = KubernetesObject>(path: string): Promise<readonly T[]> {
    return JSON.parse(await this.#send('GET', path)).items
  }

  async create(path: string, object: object): Promise<KubernetesObject> {
    return JSON.parse(await this.#send('POST', path, JSON.stringify(object)))
  }

  /** Merges a part into an object. */
  async patch(path: string, part: object): Promise<KubernetesObject> {
    return JSON.parse(await this.#send('PATCH', path, JSON.stringify(part), 'application/merge-patch+json'))
  }

  async delete(path: string): Promise<void> {
    await this.#send('DELETE', path)
  }

  /** The output of a Pod. */
  text(path: string): Promise<string> {
    return this.#send('GET', path)
  }

  #send(method: string, path: string, body?: string, type = 'application/json'): Promise<string> {
    const headers = body === undefined ? {} : { 'content-type': type }
    return new Promise((resolve, reject) => {
      const asked = request(this.#server + path, { method, agent: this.#agent, headers, timeout: 30_000 })
      asked.on('error', reject)
      asked.on('timeout', () => asked.destroy(new Error(`no answer to ${method} ${path}`)))
      asked.on('response', response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const { statusCode = 0 } = response
          if (statusCode >= 200 && statusCode < 300) resolve(text)
          else reject(new Error(`${method} ${path}: ${statusCode}: ${text.slice(0, 500)}`))
        })
      })
      asked.end(body)
    })
  }
}
