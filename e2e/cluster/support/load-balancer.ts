import { setTimeout as delay } from 'node:timers/promises'
import { api } from './context.ts'

/**
 * Replaces MetalLB, which is not available here: gives a namespace's Services of type LoadBalancer the
 * address that they request, until it is stopped. Nothing is routed to that address. Tests use the Service's
 * own.
 */
export class LoadBalancer implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(namespace: string) {
    this.#running = this.#assign(`/api/v1/namespaces/${namespace}/services`)
  }

  async #assign(services: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      for (const { metadata, spec, status } of await api.list(services)) {
        const ip = metadata.annotations?.['metallb.io/loadBalancerIPs']
        if (spec.type !== 'LoadBalancer' || status.loadBalancer?.ingress || !ip) continue
        const given = { status: { loadBalancer: { ingress: [{ ip }] } } }
        await api.patch(`${services}/${metadata.name}/status`, given)
      }
      await delay(200)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}
