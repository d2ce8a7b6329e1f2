import type { Verbs } from './verbs.ts'

/** The kind of value under a key, as far as a reader of the answer depends on it. */
type KindOf<T> = [T] extends [Date]
  ? 'time'
  : [T] extends [true]
    ? 'true'
    : [T] extends [readonly unknown[]]
      ? 'list'
      : [T] extends [object]
        ? 'object'
        : [T] extends [boolean]
          ? 'boolean'
          : [T] extends [number]
            ? 'number'
            : 'string'

/** The keys that every accepted answer has at its top. */
type Accepted<Answer> = Answer extends { readonly ok: false } ? never : Answer
type AlwaysIn<Answer> = {
  [Key in keyof Answer]-?: undefined extends Answer[Key] ? never : Key
}[keyof Answer]
type Kinds<Answer> = { readonly [Key in AlwaysIn<Answer>]: KindOf<Answer[Key]> }

const OK = { ok: 'true' } as const
const DATED = { ...OK, asOf: 'time' } as const
const LISTED = {
  ...DATED,
  claims: 'list',
  lapsed: 'list',
  stolen: 'list',
  moreLapsed: 'boolean',
  coClaims: 'list',
} as const
const TAKEN = {
  ...DATED,
  claim: 'object',
  others: 'list',
  lapsed: 'list',
  ended: 'list',
  isNew: 'boolean',
} as const
const RELEASED = { ...DATED, released: 'list', lapsed: 'list', coClaims: 'list' } as const
const VERIFIED = { ...DATED, current: 'boolean', token: 'number' } as const
const PAGE = { ...DATED, rows: 'list' } as const
const READ = { ...OK, read: 'number' } as const
const COMPONENT = { ...OK, component: 'object' } as const
const WORKFLOW = { ...OK, workflow: 'object' } as const
const ITEM = { ...OK, item: 'object' } as const

/** The keys that each verb's answer must have. A verb or key that is missing here doesn't compile. */
const ANSWERS: { readonly [Verb in keyof Verbs]: Kinds<Accepted<Verbs[Verb]['answer']>> } = {
  about: { version: 'string', board: 'string', now: 'time' },
  claim: { ...TAKEN, coClaims: 'list', stolen: 'list' },
  'claim-exclusively': TAKEN,
  acquire: TAKEN,
  look: { ...OK, ahead: 'number', holders: 'list' },
  leave: OK,
  verify: VERIFIED,
  renew: VERIFIED,
  'take-back': { ...OK, gone: 'boolean' },
  'give-back': { ...OK, held: 'boolean' },
  steal: { ...TAKEN, from: 'object' },
  resolve: { ...DATED, resolved: 'list' },
  log: { ...DATED, events: 'list', more: 'boolean' },
  heartbeat: { asOf: 'time', mine: 'list', coClaims: 'list', lapsed: 'list' },
  survey: { standing: 'object', listed: 'object' },
  release: RELEASED,
  'release-all': RELEASED,
  list: LISTED,
  peek: LISTED,
  register: {},
  deregister: RELEASED,
  who: { asOf: 'time', sessions: 'list', coClaims: 'list' },
  status: {
    ...DATED,
    claims: 'list',
    components: 'list',
    workflows: 'list',
    unread: 'number',
    sessions: 'object',
    coClaims: 'list',
  },
  read: { ...DATED, claims: 'list' },
  now: { now: 'time' },
  replay: { ...OK, done: 'boolean' },
  'messages/send': { ...OK, message: 'object' },
  'messages/inbox': PAGE,
  'messages/read': READ,
  'messages/read-all': READ,
  'components/set': COMPONENT,
  'components/list': PAGE,
  'components/history': PAGE,
  'workflows/add': WORKFLOW,
  'workflows/list': PAGE,
  'workflows/get': WORKFLOW,
  'workflows/set': WORKFLOW,
  'items/add': ITEM,
  'items/list': PAGE,
  'items/get': ITEM,
  'items/set': ITEM,
}

/** True if a server's answer has everything that this verb's answer always has. Other content is ignored. */
export function isAnswer<Verb extends keyof Verbs>(value: object, verb: Verb): boolean {
  const given = value as Readonly<Record<string, unknown>>
  return Object.entries(ANSWERS[verb]).every(([key, kind]) =>
    kind === 'true' ? given[key] === true : kindOf(given[key]) === kind,
  )
}

function kindOf(value: unknown): string {
  if (value instanceof Date) return 'time'
  if (Array.isArray(value)) return 'list'
  return value === null ? 'null' : typeof value
}
