import type { Claim, Listed, Received, Session } from '@presence/core'
import type { Task } from '@presence/tracker'
import { countTokens as countCl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, it } from 'vitest'
import { sessionStart } from '../events/session-start.ts'
import { subagentStart } from '../events/subagent-start.ts'
import { userPromptSubmit } from '../events/user-prompt-submit.ts'
import type { HookEvent, Said } from '../hook.ts'
import { cutAt, tokensIn } from './tokens.ts'

/** By two tokenizers: no vendor of agents publishes its own for current models, and these two are known. */
const tokensOf = (text: string) => Math.max(countCl100k(text), countO200k(text))

/** The most that a prompt may cost, whatever is on the board. */
const PROMPT_TOKENS_MAX = 600

const asOf = new Date('2030-01-02T03:04:05.678Z')
const at = (minutes: number) => new Date(asOf.getTime() + minutes * 60_000)

/** Characters in an order that is the same in each run. */
function drawn(alphabet: string, length: number, seed: number): string {
  const signs = [...alphabet]
  let state = seed + 1
  return Array.from({ length }, () => {
    state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647
    return signs[state % signs.length]
  }).join('')
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const WORDS =
  'drain the node for the kernel upgrade, then restart the kubelet and check that all pods are back. '
/** Texts of other sessions: 200 characters, the most that is shown of one. */
const TEXTS: Readonly<Record<string, (seed: number) => string>> = {
  English: seed => WORDS.repeat(3).slice(seed % 20, (seed % 20) + 200),
  'random letters': seed => drawn(LOWER, 200, seed),
  'letters and digits': seed => drawn(`${LOWER}${LOWER.toUpperCase()}0123456789+/`, 200, seed),
  'random words': seed =>
    Array.from({ length: 60 }, (_, at) => drawn(LOWER, 4 + (at % 5), seed * 61 + at))
      .join(' ')
      .slice(0, 200),
  hexadecimal: seed => drawn('0123456789abcdef', 200, seed),
  digits: seed => drawn('0123456789', 200, seed),
  punctuation: seed => drawn('!#$%&()*+,-./:;=?@[]^_{|}~', 200, seed),
  Russian: seed => drawn('абвгдежзиклмнопрстуфхцчшщъыьэюя ', 200, seed),
  Thai: seed => drawn('กขคงจฉชซญดตถทธนบปผพฟมยรลวศสหอฮะาำิีึืุูเแโใไ', 200, seed),
  Arabic: seed => drawn('ابتثجحخدذرزسشصضطظعغفقكلمنهوي ', 200, seed),
  Chinese: seed => drawn('升级内核然后重启所有节点检查服务状态龘鑫淼焱垚', 200, seed),
  Ethiopic: seed => drawn('ሀሁሂሃሄህሆለሉሊላሌልሎሐሑሒሓሔሕ', 200, seed),
  emoji: seed => drawn('💣🧨🪓🧯🦄🐉🧬🛰', 200, seed),
  'rare symbols': seed => drawn('⏳⚗⚙⛏⟿⧉⨳⩘⫷⬟', 200, seed),
  'rare scripts': seed => drawn('𐌀𐌁𐌂𐍈𒀀𒀁𓀀𓀁', 200, seed),
}

function sessionOf(text: (seed: number) => string, seed: number): Session {
  const name =
    text(seed)
      .replaceAll(/[^\p{L}\p{N}]/gu, '')
      .slice(0, 64) || 'x'
  return {
    id: `${drawn('0123456789abcdef', 8, seed)}-2b1d-4c5a-9e7f-${drawn('0123456789abcdef', 12, seed)}`,
    agent: 'claude-code',
    user: name,
    host: name,
    place: { repo: text(seed), branch: text(seed), worktree: `/w/${text(seed)}` },
  }
}

function claimsOf(text: (seed: number) => string, count: number, from = 0): readonly Claim[] {
  return Array.from({ length: count }, (_, index) => ({
    label: `node:${text(from + index).slice(0, 60)}${from + index}`,
    session: sessionOf(text, from + index),
    purpose: text(from + index),
    claimedAt: at(-34),
    expiresAt: at(12),
    ttlSeconds: 900,
    lapsedAt: undefined,
    token: undefined,
  }))
}

/** A full board: 500 claims, of which 200 were read, and much to tell of the session's own. */
function fullBoard(text: (seed: number) => string): Said {
  const claims = claimsOf(text, 200)
  const ended = { how: 'stolen', at: at(-3), by: text(1), note: text(2) } as const
  const lost = claimsOf(text, 8, 300).map(claim => ({
    claim: { ...claim, ended },
    others: claims.slice(0, 5),
  }))
  const coClaims = claims.slice(0, 8).map(claim => ({ label: claim.label, others: [claim] }))
  const lapsed = claimsOf(text, 20, 400).map(claim => ({ ...claim, expiresAt: at(-10) }))
  const messages = Array.from(
    { length: 20 },
    (_, index): Received => ({
      id: `m${index}`,
      from: text(index),
      to: 's1',
      project: undefined,
      kind: 'MESSAGE',
      subject: text(index),
      body: text(index + 1).repeat(3),
      sentAt: at(-5),
      readAt: undefined,
      unread: true,
    }),
  )
  const tasks = Array.from(
    { length: 30 },
    (_, index): Task => ({
      id: `code-${index}`,
      title: text(index),
      status: index < 10 ? 'in_progress' : 'open',
      priority: 1,
      assignee: text(index).slice(0, 40),
      updatedAt: undefined,
      leaseUntil: undefined,
    }),
  )
  return {
    others: {
      known: true,
      value: {
        claims,
        moreClaims: 300,
        lapsed,
        stolen: lost,
        moreLapsed: true,
        asOf,
        coClaims,
        overlaps: [],
        maybeSame: [],
      },
    },
    standing: { known: true, value: { asOf, mine: [], coClaims, lapsed: lost } },
    messages: { known: true, value: { rows: messages, next: 'x', asOf } },
    tasks: {
      of: 'one',
      now: asOf,
      answer: { asked: asOf, tasks, inProgress: 10, open: 20 },
      failure: undefined,
      told: undefined,
    },
  }
}

const OPTIONS = {
  me: 's1',
  here: { host: 'h', user: 'ana' },
  role: undefined,
  hasTracker: true,
  taskTools: new Set<string>(),
  sessionFlag: undefined,
  denyTaskTools: false,
}
const INPUT = { sessionId: 's1', cwd: '/', because: undefined, toolName: undefined }
const answer = (event: HookEvent, said: Said) =>
  event.answer({ ...INPUT, event: 'UserPromptSubmit' }, said, OPTIONS)
const textOf = (event: HookEvent, said: Said) => answer(event, said).context ?? ''

const KINDS = Object.keys(TEXTS)
const EVENTS = Object.entries({ sessionStart, subagentStart, userPromptSubmit })
const boardOf = (kind: string) => fullBoard(TEXTS[kind] ?? (() => ''))

describe('a prompt costs at most 600 tokens, measured by a tokenizer,', () => {
  it.each(EVENTS.flatMap(([name, event]) => KINDS.map(kind => [name, kind, event] as const)))(
    'at %s on a full board with texts of %s',
    (_, kind, event) => {
      const text = textOf(event, boardOf(kind))
      expect(tokensOf(text)).toBeLessThanOrEqual(PROMPT_TOKENS_MAX)
    },
  )

  it.each(KINDS)('if everything changed at once, with texts of %s', kind => {
    const text = TEXTS[kind] ?? (() => '')
    const { others, ...rest } = fullBoard(text)
    const value = { ...(others?.known ? others.value : undefined), moreClaims: 0 } as Listed
    const before = answer(sessionStart, { ...rest, others: { known: true, value } }).knows
    const later = { ...fullBoard(seed => text(seed + 50)), before }
    const said = textOf(userPromptSubmit, later)
    expect(said).toContain('changes since 03:04')
    expect(tokensOf(said)).toBeLessThanOrEqual(PROMPT_TOKENS_MAX)
  })

  it('and cuts what is least important first, says how much is left out, and what shows it', () => {
    const said = textOf(userPromptSubmit, boardOf('English'))
    const [title, first] = said.split('\n')
    expect(title).toMatch(/^Your own claims at/)
    expect(first).toMatch(/was stolen by/)
    for (const rest of [
      /and \d+ more: `presence heartbeat` shows them all\./,
      /Presence messages at .*`presence message inbox` shows them whole\.\n- .*\n(- .*\n)*and at least \d+ more\./,
      /Presence board at .*: 500 claims of other sessions/,
      /and \d+ more: `presence list` shows them all\./,
      /and \d+ more: `presence list --lapsed` shows them\./,
      /and at least \d+ more: `bd list` shows them\.$/,
    ])
      expect(said).toMatch(rest)
  })

  it('and shows eight claims or more of a usual board', () => {
    const claims = claimsOf(seed => `drain ${seed} for the kernel upgrade`, 25).map((claim, index) => ({
      ...claim,
      label: `node:k8s-${index}`,
      session: { ...claim.session, user: 'ana', host: 'devvm', place: { repo: 'infra', branch: 'main' } },
    }))
    const value = {
      claims,
      lapsed: [],
      stolen: [],
      moreLapsed: false,
      asOf,
      coClaims: [],
      overlaps: [],
      maybeSame: [],
    }
    const said = textOf(userPromptSubmit, { others: { known: true, value } })
    expect(said.match(/^- node:/gm)?.length).toBeGreaterThanOrEqual(8)
    expect(tokensOf(said)).toBeLessThanOrEqual(PROMPT_TOKENS_MAX)
  })
})

describe('a text that is cut', () => {
  it.each(KINDS)('has at most so many tokens and no half character, if it is of %s', kind => {
    const text = TEXTS[kind]?.(7) ?? ''
    const cut = cutAt(text, 20)
    expect(tokensIn(cut)).toBeLessThanOrEqual(21)
    expect(cut.isWellFormed()).toBe(true)
    expect(text.startsWith(cut.slice(0, -1))).toBe(true)
  })
})
