/**
 * A process of one session. It makes calls, chosen by its seed, and records them until it is told to stop. It
 * uses the built library and the built command, as users do.
 */
import { join } from 'node:path'
import { Actions } from './actions.ts'
import { VERBS } from './plan.ts'
import { loadProduct } from './product.ts'
import { Random } from './random.ts'
import { CallRecorder, now, Recorder } from './recorder.ts'

export interface WorkerOptions {
  readonly name: string
  readonly session: string
  readonly home: string
  readonly folder: string
  readonly dsn: string
  readonly seed: string
  readonly deadlineMs: number
  readonly product: string | undefined
  /** Verbs that this engine has. */
  readonly verbs: readonly string[]
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions
const { name, session, home, folder } = options
const recorder = new CallRecorder(new Recorder(join(folder, 'history', `${name}.jsonl`)), name, session, home)
const product = await loadProduct(options.product)
const env = { PATH: process.env['PATH'], HOME: join(folder, home) }
const board = await product.openBoard({
  dsn: options.dsn,
  session,
  env,
  cwd: '/',
  deadlineMs: options.deadlineMs,
  onReplay: ({ done, left, damaged, dropped }) =>
    recorder.write({
      type: 'replayed',
      process: name,
      at: now(),
      replayed: {
        done,
        left,
        damaged: [...damaged],
        dropped: dropped.map(({ label, sessionId, saidAt }) => ({
          label,
          sessionId,
          saidAt: saidAt.getTime(),
        })),
      },
    }),
})
const random = new Random(options.seed)
const actions = new Actions({ board, recorder, random, product, dsn: options.dsn, env })

let stopping = false
process.on('message', () => {
  stopping = true
})
process.on('disconnect', () => process.exit(0))
process.on('unhandledRejection', error => {
  console.error(`${name}:`, error)
  process.exit(70)
})

const weights = Object.fromEntries(Object.entries(VERBS).filter(([verb]) => options.verbs.includes(verb)))
/**
 * The longest pause after a call without an answer, in milliseconds. Without pauses a worker would queue more
 * during an outage than can be delivered after it.
 */
const PAUSE_MS_MAX = 400

while (!stopping) {
  await actions.do(random.weighted(weights as typeof VERBS))
  await new Promise(resolve => setTimeout(resolve, random.below(recorder.isAnswered ? 25 : PAUSE_MS_MAX)))
}
await board.close()
process.exit(0)
