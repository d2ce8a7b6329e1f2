import { Random } from './random.ts'

export const ENGINES = ['sqlite', 'dolt', 'mariadb', 'http'] as const
export type EngineName = (typeof ENGINES)[number]

/** Few labels, so that sessions collide. */
export const LABELS = ['node:a', 'node:b', 'stack:c', 'db:d']

export interface Worker {
  readonly name: string
  readonly session: string
  /** The user's home folder. Processes with the same one share an outbox. */
  readonly home: string
}

/** Two sessions with two processes each, and two sessions with one process each. */
export const WORKERS: readonly Worker[] = [
  { name: 'a1', session: 'ana@h@1', home: 'home1' },
  { name: 'a2', session: 'ana@h@1', home: 'home1' },
  { name: 'b1', session: 'bo@h@2', home: 'home1' },
  { name: 'b2', session: 'bo@h@2', home: 'home1' },
  { name: 'c1', session: 'cy@h@3', home: 'home2' },
  { name: 'd1', session: 'di@h@4', home: 'home2' },
]

export const SESSIONS = [...new Set(WORKERS.map(({ session }) => session))]

/** The verbs that a worker chooses from, with their relative frequency. */
export const VERBS = {
  claim: 22,
  heartbeat: 12,
  release: 12,
  claimExclusively: 12,
  acquire: 8,
  verify: 8,
  steal: 4,
  wait: 3,
  run: 1,
  resolve: 2,
  send: 4,
  inbox: 3,
  read: 2,
  peek: 6,
  list: 4,
  sync: 1,
} as const
export type Verb = keyof typeof VERBS

const CLIENT_FAULTS = ['kill-client', 'freeze-client'] as const
const DATABASE_FAULTS = ['stop-db', 'kill-db', 'freeze-db', 'restart-db', 'kill-query'] as const
const PROXY_FAULTS = ['delay', 'cut'] as const
/** Only over HTTP: a call that is made directly on a database is not sent again. */
const ANSWER_FAULTS = ['cut-answers'] as const
const DOLT_FAULTS = ['dolt-commit', 'dolt-reset', 'dolt-checkout', 'dolt-gc'] as const
const SERVER_FAULTS = ['kill-server', 'freeze-server'] as const

export type FaultKind =
  | (typeof CLIENT_FAULTS)[number]
  | (typeof DATABASE_FAULTS)[number]
  | (typeof PROXY_FAULTS)[number]
  | (typeof ANSWER_FAULTS)[number]
  | (typeof DOLT_FAULTS)[number]
  | (typeof SERVER_FAULTS)[number]
  | 'lock-file'

export const FAULTS: Readonly<Record<EngineName, readonly FaultKind[]>> = {
  sqlite: [...CLIENT_FAULTS, 'lock-file'],
  mariadb: [...CLIENT_FAULTS, ...DATABASE_FAULTS, ...PROXY_FAULTS],
  dolt: [...CLIENT_FAULTS, ...DATABASE_FAULTS, ...PROXY_FAULTS, ...DOLT_FAULTS],
  http: [
    ...CLIENT_FAULTS,
    ...DATABASE_FAULTS,
    ...PROXY_FAULTS,
    ...ANSWER_FAULTS,
    ...DOLT_FAULTS,
    ...SERVER_FAULTS,
  ],
}

/**
 * Faults that last longer. `freeze-client`: the client must be frozen for longer than its claims live.
 * `cut-answers`: only steals and resolutions show whether a call was made twice, and a run has few of them.
 */
const LONG: ReadonlySet<FaultKind> = new Set(['freeze-client', 'cut-answers'])

export interface PlannedFault {
  readonly kind: FaultKind
  /** The worker that it affects, if the fault affects a worker. */
  readonly target: string
  /** Milliseconds after the end of the previous fault. */
  readonly afterMs: number
  readonly forMs: number
}

/**
 * The faults of a run, one after another, endlessly. Each kind comes once before any kind comes again.
 */
export function* faultsOf(engine: EngineName, seed: number): Generator<PlannedFault> {
  const random = new Random(`${engine} faults ${seed}`)
  for (;;)
    for (const kind of random.shuffled(FAULTS[engine]))
      yield {
        kind,
        target: random.pick(WORKERS).name,
        afterMs: 1_200 + random.below(1_000),
        forMs: LONG.has(kind) ? 3_000 + random.below(1_000) : 1_000 + random.below(1_800),
      }
}
