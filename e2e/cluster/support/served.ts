import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { presence } from '../../support/cli.ts'
import { scratchFolder } from '../../support/scratch.ts'
import type { PodObject } from './api.ts'
import { api, newStack } from './context.ts'
import { DoltPod } from './dolt-pod.ts'
import type { PulumiStack } from './pulumi.ts'

export const SECRETS = { password: 'root-and-secret', presencePassword: 'agents-and-secret' } as const
export const TOKENS_SECRET = 'presence-tokens'
const PORT = 8787
/** More than a server needs if it answers at all. */
const ANSWER_MS_MAX = 20_000
/**
 * A connection that was opened while the Service had no Pod stays that way: the kernel keeps its route, and
 * repeats its SYN on it for two minutes. The next connection takes the new route.
 */
const CONNECT_MS_MAX = 10_000

/** A server's answer. */
export interface Answer {
  readonly status: number
  readonly body: string
}

interface Question {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly token?: string | undefined
  readonly body?: object
}

/** A stack that serves the board of its own Dolt, created by `pulumi up`. Both are deleted with the test. */
export class Served {
  readonly dolt: DoltPod
  readonly stack: PulumiStack
  readonly tokenFile: string
  /** A token that may act as any session. */
  readonly token: string
  readonly #service: string

  private constructor(dolt: DoltPod, stack: PulumiStack, tokenFile: string, token: string, service: string) {
    this.dolt = dolt
    this.stack = stack
    this.tokenFile = tokenFile
    this.token = token
    this.#service = service
  }

  static async start(): Promise<Served> {
    const dolt = await DoltPod.start({ password: SECRETS.password })
    const { namespace } = dolt
    onTestFinished(() => api.delete(`/api/v1/namespaces/${namespace}`))
    const tokenFile = join(scratchFolder(), 'tokens')
    const token = await addToken(tokenFile, 'all', '*')
    await api.create(`/api/v1/namespaces/${namespace}/secrets`, {
      metadata: { name: TOKENS_SECRET },
      stringData: { tokens: readFileSync(tokenFile, 'utf8') },
    })
    const config = { namespace, 'server.enabled': 'true', 'server.tokenSecret': TOKENS_SECRET }
    const stack = await newStack(config, SECRETS)
    const { status, output } = await stack.up()
    expect(status, output).toBe(0)
    const { spec } = await api.get(`/api/v1/namespaces/${namespace}/services/presence`)
    return new Served(dolt, stack, tokenFile, token, spec.clusterIP ?? '')
  }

  get namespace(): string {
    return this.dolt.namespace
  }

  /** The board without the server in between. */
  get board(): string {
    return `mysql://presence:${SECRETS.presencePassword}@${this.dolt.address}:3306/beads`
  }

  /** Adds a line to the file. The cluster does not know of it yet. */
  addToken(name: string, as: string): Promise<string> {
    return addToken(this.tokenFile, name, as)
  }

  /** Claims through the Service, or at a Pod's address if one is given. */
  claim(
    label: string,
    { token, session = 'ana', at }: { token?: string; session?: string; at?: string | undefined },
  ): Promise<Answer> {
    const who = { id: session, user: 'u', host: 'h', agent: 'test' }
    const body = { session: who, resource_label: label, purpose: 'p' }
    return this.ask({ method: 'POST', path: '/api/v1/claim', token, body }, at)
  }

  /**
   * Sends a request on a new connection, with the Service's name as the host, because out here no DNS knows
   * it. Fails if nobody answers.
   *
   * @param address the address of a Pod or of the Service
   */
  ask({ method = 'GET', path, token, body }: Question, address = this.#service): Promise<Answer> {
    const headers = {
      host: `presence.${this.namespace}.svc.cluster.local:${PORT}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    return new Promise((resolve, reject) => {
      const asked = request({ host: address, port: PORT, method, path, headers, agent: false })
      const giveUp = (why: string) => asked.destroy(new Error(`${why}: ${method} ${path}`))
      asked.setTimeout(ANSWER_MS_MAX, () => giveUp('no answer'))
      // The timeout above starts only after the connection was opened.
      const connecting = setTimeout(giveUp, CONNECT_MS_MAX, 'no connection')
      asked.on('socket', socket => socket.once('connect', () => clearTimeout(connecting)))
      asked.on('close', () => clearTimeout(connecting))
      asked.on('error', reject)
      asked.on('response', response => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      })
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  /** The server's Pods, without those that are terminating. */
  async pods(): Promise<readonly PodObject[]> {
    return (await this.#allPods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  }

  async ready(): Promise<readonly PodObject[]> {
    return (await this.pods()).filter(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    )
  }

  /** Distinguishes its Pods from others that replaced them. */
  async uids(): Promise<readonly string[]> {
    return (await this.pods()).map(({ metadata }) => metadata.uid).sort()
  }

  /** Whether each of these Pods is completely gone. */
  async areGone(uids: readonly string[]): Promise<boolean> {
    return !(await this.#allPods()).some(({ metadata }) => uids.includes(metadata.uid))
  }

  /** The labels that have no claim on the board. */
  async lost(labels: readonly string[]): Promise<readonly string[]> {
    const rows = await this.dolt.sql('beads', 'SELECT resource_label FROM presence_claims')
    const there = new Set(rows.map(row => row['resource_label']))
    return labels.filter(label => !there.has(label))
  }

  #allPods(): Promise<readonly PodObject[]> {
    const selector = 'labelSelector=app.kubernetes.io/name=presence-server'
    return api.list<PodObject>(`/api/v1/namespaces/${this.namespace}/pods?${selector}`)
  }
}

async function addToken(file: string, name: string, as: string): Promise<string> {
  const { status, stdout, stderr } = await presence(['token', 'add', name, '--as', as, '--file', file])
  expect(status, stderr).toBe(0)
  return /presence_[\w-]+/.exec(stdout)?.[0] ?? ''
}

/** The pause between two requests of one caller, so that the callers don't use up the machine. */
const PAUSE_MS = 20

/** Callers that send one request after the other until they are stopped. */
export class Callers {
  /** Labels whose answer had status 200. */
  readonly acknowledged: string[] = []
  /**
   * The reasons why requests had no answer at all. A server that answers that its database is slow is
   * running.
   */
  readonly unanswered: string[] = []
  readonly #running: Promise<unknown>
  #stopped = false

  /** @param ask receives a new label each time */
  constructor(name: string, ask: (label: string) => Promise<Answer>) {
    const loops = Array.from({ length: 4 }, (_, at) => this.#loop(`node:${name}-${at}`, ask))
    this.#running = Promise.all(loops)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #loop(prefix: string, ask: (label: string) => Promise<Answer>): Promise<void> {
    for (let at = 0; !this.#stopped; at++) {
      const label = `${prefix}-${at}`
      try {
        const { status } = await ask(label)
        if (status === 200) this.acknowledged.push(label)
      } catch (error) {
        this.unanswered.push(String(error))
      }
      await delay(PAUSE_MS)
    }
  }
}
