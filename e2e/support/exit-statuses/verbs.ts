/**
 * What a command does if the board can't be used, by the table of G7 in SPEC.md.
 *
 * - `advisory`: 0 if nobody answers, 2 if somebody has to fix something
 * - `promises`: 3, or 2
 * - `runs`: it starts its command, and exits with its status
 * - `beside`: it does its work without the board if nobody answers, else 2
 * - `local`: it asks no board
 */
type Kind = 'advisory' | 'promises' | 'runs' | 'beside' | 'local'

export interface Verb {
  readonly args: readonly string[]
  readonly kind: Kind
  /** It claims node:a, and says first that it didn't. */
  readonly claims?: true
  /** It answers on standard output, also without the board. */
  readonly prints?: true
  /** It needs the project's config for more than the board. */
  readonly needsConfig?: true
  /** Its call is queued if nobody answers. */
  readonly queues?: true
}

const PROJECT = ['--project', 'shop']
const RUN = ['sh', '-c', 'echo ran; exit 7']
const advisory = (...args: string[]): Verb => ({ args, kind: 'advisory' })
const promises = (...args: string[]): Verb => ({ args, kind: 'promises' })
const local = (...args: string[]): Verb => ({ args, kind: 'local' })

/** Every command of the program, and some with the options that turn them into another kind. */
export const VERBS: Readonly<Record<string, Verb>> = {
  claim: { ...advisory('claim', 'node:a', '--purpose', 'p'), claims: true, queues: true },
  'claim --exclusive': { ...promises('claim', 'node:a', '--purpose', 'p', '--exclusive'), claims: true },
  heartbeat: { ...advisory('heartbeat'), queues: true },
  release: { ...advisory('release', 'node:a'), queues: true },
  list: advisory('list'),
  peek: advisory('peek', 'node:a'),
  run: {
    args: ['run', '--claim', 'node:a', '--purpose', 'p', '--', ...RUN],
    kind: 'runs',
    claims: true,
    queues: true,
  },
  'run --exclusive': {
    ...promises('run', '--exclusive', '--claim', 'node:a', '--purpose', 'p', '--', ...RUN),
    claims: true,
  },
  verify: promises('verify', 'node:a', '--token', '1'),
  steal: { ...promises('steal', 'node:a', '--reason', 'r'), claims: true },
  resolve: advisory('resolve', 'node:a', '--note', 'n'),
  log: advisory('log'),
  sync: advisory('sync'),
  who: advisory('who'),
  status: advisory('status'),
  'message send': { ...advisory('message', 'send', 'hello', '--subject', 's', '--all'), queues: true },
  'message inbox': advisory('message', 'inbox'),
  'message read': advisory('message', 'read', '--all'),
  'component set': { ...advisory('component', 'set', 'api', 'deployed', ...PROJECT), queues: true },
  'component list': advisory('component', 'list', ...PROJECT),
  'component history': advisory('component', 'history', 'api', ...PROJECT),
  'workflow add': advisory('workflow', 'add', 'w', ...PROJECT),
  'workflow list': advisory('workflow', 'list', ...PROJECT),
  'workflow set': advisory('workflow', 'set', 'w1', '--name', 'other'),
  'workflow set --status': promises('workflow', 'set', 'w1', '--status', 'active'),
  'item add': advisory('item', 'add', 't', ...PROJECT),
  'item list': advisory('item', 'list', ...PROJECT),
  'item set': advisory('item', 'set', 'i1', '--title', 'other'),
  'item set --status': promises('item', 'set', 'i1', '--status', 'in_progress'),
  'item set --mine': promises('item', 'set', 'i1', '--mine'),
  // Without --strict it waits for a board that doesn't answer.
  watch: { ...promises('watch', '--strict'), prints: true },
  'session start': {
    args: ['session', 'start', 'dev', '--', ...RUN],
    kind: 'runs',
    needsConfig: true,
    queues: true,
  },
  'session end': { ...advisory('session', 'end'), queues: true },
  'worktree add': { ...local('worktree', 'add', 'new'), needsConfig: true },
  'worktree list': { ...advisory('worktree', 'list'), prints: true },
  'worktree merge': { args: ['worktree', 'merge', 'merged'], kind: 'beside' },
  'worktree remove': { args: ['worktree', 'remove', 'removed'], kind: 'beside' },
  mcp: local('mcp'),
  'token add': local('token', 'add', 'ana', '--as', 'ana@*', '--file', 'tokens'),
  'token list': local('token', 'list', '--file', 'listed'),
  'token remove': local('token', 'remove', 'bob', '--file', 'removed'),
  trust: local('trust', '--list'),
  migrate: promises('migrate'),
  doctor: { ...promises('doctor'), prints: true },
  setup: { ...local('setup', '--dry-run', '--agent', 'claude-code'), needsConfig: true },
  init: { ...local('init', '--rules', '--print'), needsConfig: true },
  'guard wrong': advisory('guard', 'wrong', 'd7'),
  compliance: advisory('compliance'),
  statusline: local('statusline', '--agent-session', 's'),
  'tracker audit': advisory('tracker', 'audit'),
  shell: { ...local('shell', 'bash'), needsConfig: true },
  completion: local('completion', 'bash'),
}

/** Commands that aren't in the table, each with the reason. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  serve: 'keeps running, and answers 503 itself: packages/server/test/away.test.ts',
}
