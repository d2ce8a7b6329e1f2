import type { Boards } from '@presence/core/internal'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Why a request was refused. */
type Reason = 'host' | 'origin' | 'token' | 'session'

/** The server's metrics. No value of a metric's label comes from a request. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Counter<'method' | 'route' | 'status'>
  readonly #seconds: Histogram<'method' | 'route'>
  readonly #refused: Counter<'reason'>
  readonly #limited: Counter
  readonly #listeners: Gauge

  constructor(boards: Boards) {
    const registers = [this.#registry]
    this.#requests = new Counter({
      name: 'presence_http_requests_total',
      help: 'Requests that were answered',
      labelNames: ['method', 'route', 'status'],
      registers,
    })
    this.#seconds = new Histogram({
      name: 'presence_http_request_duration_seconds',
      help: 'Time from the end of the request headers to the answer',
      labelNames: ['method', 'route'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    })
    this.#refused = new Counter({
      name: 'presence_refused_total',
      help: 'Refused requests: wrong host or origin, unknown token, or a session that the token does not allow',
      labelNames: ['reason'],
      registers,
    })
    for (const reason of ['host', 'origin', 'token', 'session'] as const) this.#refused.inc({ reason }, 0)
    this.#limited = new Counter({
      name: 'presence_rate_limited_total',
      help: 'Requests that the rate limit refused',
      registers,
    })
    this.#listeners = new Gauge({
      name: 'presence_event_listeners',
      help: 'Open streams of /events',
      registers,
    })
    new Gauge({
      name: 'presence_database_up',
      help: 'Whether the database answered last time: 0 while the circuit breaker is open',
      registers,
      collect() {
        this.set(boards.breaker.state === 'away' ? 0 : 1)
      },
    })
    new Gauge({
      name: 'presence_database_breaker_state',
      help: '0: closed; 1: half open, a probe decides; 2: open, requests are answered with 503 at once',
      registers,
      collect() {
        this.set({ up: 0, doubted: 1, away: 2 }[boards.breaker.state])
      },
    })
    new Gauge({
      name: 'presence_database_waiting',
      help: 'Requests that wait for a connection to the database',
      registers,
      collect() {
        this.set(boards.breaker.waiting)
      },
    })
  }

  /** Adds the metrics of the process. Call it once per process, because it observes the JavaScript engine. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry })
  }

  answered(
    labels: { readonly method: string; readonly route: string; readonly status: string },
    seconds: number,
  ): void {
    const { method, route } = labels
    this.#requests.inc({ ...labels })
    this.#seconds.observe({ method, route }, seconds)
  }

  refused(reason: Reason): void {
    this.#refused.inc({ reason })
  }

  rateLimited(): void {
    this.#limited.inc()
  }

  listening(count: number): void {
    this.#listeners.set(count)
  }

  /** The metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  get contentType(): string {
    return this.#registry.contentType
  }
}
