import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { NODE } from './programs.ts'

export interface PulumiResult {
  readonly status: number | null
  /** Both streams, in the order in which they arrived. */
  readonly output: string
}

/** The exports of the program (infra/index.ts). */
interface Outputs {
  readonly dsn: string
  readonly job: string
  readonly schemaVersion: string
  readonly log: string
  readonly address: string
  readonly service?: string
  readonly url?: string
}

interface StackOptions {
  /** The folder with Pulumi.yaml. The stack's settings go there. */
  readonly checkout: string
  /** For the state and everything else that the CLI stores. */
  readonly folder: string
  readonly kubeconfig: string
  /** The folders of the CLI, the language host and the provider. */
  readonly programs: readonly string[]
  /** The command prefix: it runs in the cluster's sandbox, so that no plugin outlives an interrupted run. */
  readonly entrance: readonly [string, ...string[]]
  readonly stack: string
  /** Removes what a crashed provider created without recording it. */
  readonly afterCrash: () => Promise<void>
}

/** One stack of a checkout's program: the real CLI and engine, with its state in a folder for one test. */
export class PulumiStack {
  readonly #env: NodeJS.ProcessEnv
  readonly #folder: string
  readonly #stack: string
  readonly #afterCrash: () => Promise<void>
  readonly #entrance: readonly [string, ...string[]]
  #checkout: string

  constructor({ checkout, folder, kubeconfig, programs, entrance, stack, afterCrash }: StackOptions) {
    this.#entrance = entrance
    this.#afterCrash = afterCrash
    this.#checkout = checkout
    this.#folder = folder
    this.#stack = stack
    mkdirSync(join(folder, 'state'), { recursive: true })
    this.#env = {
      PATH: [...programs, dirname(NODE), process.env['PATH']].join(delimiter),
      HOME: folder,
      PULUMI_HOME: join(folder, 'home'),
      PULUMI_BACKEND_URL: `file://${join(folder, 'state')}`,
      PULUMI_CONFIG_PASSPHRASE: 'of a test',
      PULUMI_SKIP_UPDATE_CHECK: '1',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: '1',
      KUBECONFIG: kubeconfig,
    }
  }

  /** From now on the stack belongs to another checkout, with its current settings. */
  moveTo(checkout: string): void {
    const settings = `Pulumi.${this.#stack}.yaml`
    copyFileSync(join(this.#checkout, settings), join(checkout, settings))
    this.#checkout = checkout
  }

  async init(config: Readonly<Record<string, string>>, secrets: Readonly<Record<string, string>> = {}) {
    await this.#must(['stack', 'init', this.#stack])
    await this.set(config, secrets)
  }

  async set(config: Readonly<Record<string, string>>, secrets: Readonly<Record<string, string>> = {}) {
    for (const [key, value] of Object.entries(config))
      await this.#must(['config', 'set', '--path', key, value])
    // Passed on standard input: argument lists are readable by all users.
    for (const [key, value] of Object.entries(secrets))
      await this.#must(['config', 'set', '--secret', key], value)
  }

  up(): Promise<PulumiResult> {
    return this.#again(['up', '--yes', '--skip-preview', '--diff'])
  }

  preview(...more: string[]): Promise<PulumiResult> {
    return this.#run(['preview', '--diff', ...more])
  }

  destroy(...more: string[]): Promise<PulumiResult> {
    return this.#again(['destroy', '--yes', '--skip-preview', ...more])
  }

  async outputs(...more: string[]): Promise<Outputs> {
    const { output } = await this.#must(['stack', 'output', '--json', ...more])
    return JSON.parse(output)
  }

  /** The state file, as everyone who reads the backend sees it. */
  stateFile(): string {
    return readFileSync(join(this.#folder, `state/.pulumi/stacks/presence/${this.#stack}.json`), 'utf8')
  }

  /** Whether the state contains a resource with this name. */
  knows(name: string): boolean {
    const { resources = [] } = JSON.parse(this.stateFile()).checkpoint.latest as {
      resources?: readonly { readonly urn: string }[]
    }
    return resources.some(({ urn }) => urn.endsWith(`::${name}`))
  }

  /**
   * Runs a command, and once more if the provider itself crashed: version 2.0.0 treats the event that ends a
   * watch as an object, and occasionally panics ("interface conversion: runtime.Object is *v1.Status") if it
   * is an error.
   */
  async #again(args: readonly string[]): Promise<PulumiResult> {
    const first = await this.#run(args)
    if (!first.output.includes('runtime.Object is *v1.Status')) return first
    console.warn(`the Kubernetes provider 2.0.0 crashed on the end of a watch; pulumi ${args[0]} once more`)
    await this.#afterCrash()
    return this.#run(args)
  }

  async #must(args: readonly string[], input?: string): Promise<PulumiResult> {
    const result = await this.#run(args, input)
    if (result.status !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(' ')} failed: ${result.output}`)
    return result
  }

  #run(args: readonly string[], input = ''): Promise<PulumiResult> {
    const stack = args[0] === 'stack' && args[1] === 'init' ? [] : ['--stack', this.#stack]
    const all = [...args, ...stack, '--non-interactive', '--color', 'never']
    return new Promise((resolve, reject) => {
      const [program, ...before] = this.#entrance
      // Entering the sandbox changes the folder to its root.
      const there = ['env', `--chdir=${this.#checkout}`]
      const child = spawn(program, [...before, ...there, 'pulumi', ...all], { env: this.#env })
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text
        })
      child.on('error', reject)
      child.on('close', status => resolve({ status, output }))
      child.stdin.end(input)
    })
  }
}
