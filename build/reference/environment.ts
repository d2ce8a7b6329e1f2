import type { Term } from './command-line.ts'
import { code, page, table, text } from './markdown.ts'
import { sources } from './sources.ts'

interface Variable {
  readonly name: string
  readonly about: string
}

/** The variables that a person may set. */
export const VARIABLES: readonly Variable[] = [
  {
    name: 'PRESENCE_DSN',
    about:
      'Which board: mysql://…, http(s)://… or sqlite:<file>. It beats every config file, and needs no trust. --dsn beats it.',
  },
  { name: 'PRESENCE_PASSWORD', about: 'The password of the database, if the DSN holds none.' },
  { name: 'PRESENCE_PASSWORD_FILE', about: 'A file with that password in its first line.' },
  { name: 'PRESENCE_SERVER_TOKEN', about: 'The token for a presence server.' },
  { name: 'PRESENCE_SERVER_TOKEN_FILE', about: 'A file with that token in its first line.' },
  {
    name: 'PRESENCE_TRUST',
    about:
      "Hosts whose boards need no trust: `<host>[:<port>][,…]`. For CI and images, where presence trust can't ask.",
  },
  {
    name: 'PRESENCE_GUARD',
    about:
      'Lowers what the guard does: `off`, or `note` (it claims and tells, and refuses nothing). The agent must have been started with it.',
  },
  {
    name: 'PRESENCE_SESSION_ID',
    about:
      "Your session's id (default: the id of this agent or terminal). Jobs without a terminal should set it. --session beats it.",
  },
  {
    name: 'PRESENCE_ROLE',
    about: "The session's role (default: that of its worktree). presence session start sets it.",
  },
  { name: 'CLAUDE_INSTANCE_ID', about: 'The role, where PRESENCE_ROLE is not set.' },
  {
    name: 'PRESENCE_AGENT',
    about: 'What the board shows as the agent (default: the agent that is recognised, or cli).',
  },
  {
    name: 'PRESENCE_PAGER',
    about: 'The pager for long answers on a terminal (default: PAGER, then less); cat for none.',
  },
  {
    name: 'PRESENCE_TOKEN',
    about:
      "Set by presence run --exclusive for its command: the first label's fencing token. presence verify reads it.",
  },
  {
    name: 'PRESENCE_TOKENS',
    about:
      "Set by presence run --exclusive for its command: each label's fencing token, as `<label>=<token>`, separated by blanks.",
  },
  { name: 'NO_COLOR', about: 'No colours. FORCE_COLOR turns them on where the output is no terminal.' },
  { name: 'XDG_CONFIG_HOME', about: 'Where presence/config.json is (default: ~/.config).' },
  { name: 'XDG_STATE_HOME', about: 'Where the embedded board and the outbox are (default: ~/.local/state).' },
]

/** Variables by which parts of presence talk to each other. Nobody sets them by hand. */
const INTERNAL: readonly string[] = [
  'PRESENCE_HOOK_PPID',
  'PRESENCE_HOOK_SESSION_ID',
  'PRESENCE_IGNORED',
  'PRESENCE_KEPT',
  'PRESENCE_PROBE',
  'PRESENCE_SESSION_FOR',
  'PRESENCE_WITHOUT',
]

/** The files that a person may look for. */
export const FILES: readonly Term[] = [
  { term: '.presence/config.json', about: "The project's config file, in the project's folder or above." },
  { term: '~/.config/presence/config.json', about: 'Your own config file.' },
  { term: '~/.local/state/presence/board.db', about: 'The embedded board, used if no other board is named.' },
  {
    term: '~/.local/state/presence/queue/',
    about: 'The outboxes: calls that could not be delivered, a file for each board.',
  },
]

/**
 * The page of the environment variables.
 *
 * @throws Error if the code reads a variable that is not listed here, or no longer reads one that is
 */
export function environmentPage(): string {
  const read = new Set(
    sources('{packages/*/{src/**/*.ts,*.sh},build/*.{ts,sh}}')
      .flatMap(each => [...each.matchAll(/PRESENCE_[A-Z_]*[A-Z]/g)])
      .map(([name]) => name),
  )
  const listed = [
    ...VARIABLES.map(({ name }) => name).filter(name => name.startsWith('PRESENCE_')),
    ...INTERNAL,
  ]
  const unlisted = [...read].filter(name => !listed.includes(name))
  const gone = listed.filter(name => !read.has(name))
  if (unlisted.length + gone.length > 0)
    throw new Error(
      `build/reference/environment.ts: describe ${unlisted.join(', ') || 'nothing'}; remove ${gone.join(', ') || 'nothing'}`,
    )
  return page(
    'Environment variables and files',
    'build/reference/environment.ts',
    table(
      ['Variable', 'Meaning'],
      VARIABLES.map(({ name, about }) => [code(name), text(about)]),
    ),
    '## Files',
    table(
      ['File', 'Content'],
      FILES.map(({ term, about }) => [code(term), text(about)]),
    ),
  )
}
