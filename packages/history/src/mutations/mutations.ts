import type { EngineName } from '../soak/plan.ts'

/** A fault that is planted in a copy of the library. */
export interface Mutation {
  readonly name: string
  /** A description of the fault, for the table. */
  readonly what: string
  /** The engine on which it shows fastest. */
  readonly engine: EngineName
  /** The rules that may find it. */
  readonly rules: readonly string[]
  /** Each `find` must occur exactly once in its file of packages/core/src. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[]
  /** The time after which it counts as not found, in seconds. @default 60 */
  readonly seconds?: number
  readonly seed?: number
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'read-before-write',
    what: 'a claim reads who is there before it writes',
    engine: 'sqlite',
    rules: ['mutual-blindness', 'acknowledged-stays', 'one-holder'],
    edits: [
      {
        file: 'claims/claim.ts',
        find: `      await store.put(own, writeKey, deadline)
      const snapshot = await store.read({ held: own.label }, own.session.id, deadline)
`,
        replace: `      const early = await store.read({ held: own.label }, own.session.id, deadline)
      await deadline.pause(15)
      await store.put(own, writeKey, deadline)
      const late = await store.read({ held: own.label }, own.session.id, deadline)
      const isMine = each => each.session.id === own.session.id
      const claims = [...early.claims.filter(each => !isMine(each)), ...late.claims.filter(isMine)]
      const snapshot = { ...late, claims }
`,
      },
    ],
  },
  {
    name: 'one-transaction',
    what: 'a claim writes and reads in one transaction',
    engine: 'dolt',
    rules: ['mutual-blindness', 'one-holder', 'acknowledged-stays'],
    edits: [
      {
        file: 'claims/claim.ts',
        find: '      await store.put(own, writeKey, deadline)\n',
        replace: '      await store.put(own, writeKey, deadline)\n      await deadline.pause(15)\n',
      },
      {
        file: 'store/mysql/database.ts',
        find: '    return this.#connections.use(deadline, async query => (await query<ResultSetHeader>(filled)).affectedRows)\n',
        replace:
          "    return this.#connections.use(deadline, async query => {\n      if (filled.includes('INSERT INTO presence_claims')) await query('BEGIN')\n      return (await query<ResultSetHeader>(filled)).affectedRows\n    })\n",
      },
      {
        file: 'store/mysql/store.ts',
        find: '      await database.confirm({ versions }, query)\n',
        replace: "      await database.confirm({ versions }, query)\n      await query('COMMIT')\n",
      },
    ],
  },
  {
    name: 'no-write-key',
    what: 'every exclusive claim is written with the same key',
    engine: 'sqlite',
    rules: ['acknowledged-stays', 'verify-is-true', 'one-holder'],
    seconds: 120,
    edits: [
      {
        file: 'board/lease-client.ts',
        find: '    writeKey = newKey(),',
        replace: "    writeKey = 'the-key-of-all',",
      },
    ],
  },
  {
    name: 'withdraw-without-owner',
    what: 'a refused exclusive claim frees the label of any holder',
    engine: 'sqlite',
    rules: ['acknowledged-stays', 'verify-is-true', 'one-holder'],
    edits: [
      {
        file: 'claims/acquire.ts',
        find: 'if (claim.session.id !== session.id || !reentrant) return heldBy(',
        replace:
          'if (claim.session.id !== session.id || !reentrant) await store.locks.takeBack(label, session.id, writeKey, deadline)\n        if (claim.session.id !== session.id || !reentrant) return heldBy(',
      },
      {
        file: 'store/sqlite/sql/locks.ts',
        find: 'AND session_id = :session_id AND nonce = :write_key\n  AND (tentative = 1 OR revision = :write_key)`',
        replace: 'AND :session_id <> :write_key`',
      },
    ],
  },
  {
    name: 'replay-twice',
    what: 'some queued operations stay in the outbox and are done again',
    engine: 'mariadb',
    rules: ['queued-is-done-once', 'released-is-gone'],
    edits: [
      {
        file: 'outbox/replay.ts',
        find: '        finished.add(operation)',
        replace: '        if (Math.random() < 0.6) finished.add(operation)',
      },
      {
        file: 'store/mysql/database.ts',
        find: '(this.fill(note, values))).affectedRows === 1',
        replace: '(this.fill(note, values))).affectedRows >= 0',
      },
    ],
  },
  {
    name: 'heartbeat-shortens',
    what: 'a heartbeat sets the expiry to half the ttl from now, even if that is earlier',
    engine: 'sqlite',
    rules: ['never-shorter', 'heartbeat-extends'],
    edits: [
      {
        file: 'store/sqlite/sql/claims.ts',
        find: `MAX(expires_at, CASE WHEN hold_until < \${said} + ttl_seconds * 1000 THEN hold_until ELSE \${said} + ttl_seconds * 1000 END)`,
        replace: `\${said} + ttl_seconds * 500`,
      },
    ],
  },
  {
    name: 'empty-for-unknown',
    what: 'a peek that fails answers with an empty list',
    engine: 'mariadb',
    rules: ['unknown-is-not-empty', 'acknowledged-stays'],
    edits: [
      {
        file: 'board/session-board.ts',
        find: "    return this.#ask('peek', { label })\n",
        replace:
          "    const nobody = { claims: [], lapsed: [], stolen: [], moreLapsed: false, asOf: new Date(), coClaims: [] }\n    return this.#ask('peek', { label }).catch(() => ({ ok: true, ...nobody }))\n",
      },
    ],
  },
  {
    name: 'release-of-others',
    what: 'a release removes every claim on the label',
    engine: 'sqlite',
    rules: ['acknowledged-stays'],
    edits: [
      {
        file: 'store/sqlite/sql/claims.ts',
        find: "'DELETE FROM presence_claims WHERE session_id = :session_id'",
        replace: '"DELETE FROM presence_claims WHERE :session_id <> \'\'"',
      },
    ],
  },
  {
    name: 'token-reused',
    what: 'the token of a claim that expired is given out again',
    engine: 'sqlite',
    rules: ['tokens-grow'],
    edits: [
      {
        file: 'store/sqlite/sql/locks.ts',
        find: 'over_shared = :over_shared, token = token + 1',
        replace: `over_shared = :over_shared, token = token + IIF(session_id IS NOT NULL AND expires_at <= \${NOW}, 0, 1)`,
      },
    ],
  },
  {
    name: 'old-token-verifies',
    what: 'a steal leaves the old token valid',
    engine: 'sqlite',
    rules: ['verify-is-true'],
    edits: [
      {
        file: 'claims/verify.ts',
        find: 'current: holder?.token === token',
        replace: 'current: holder !== undefined && token <= (holder.token ?? 0)',
      },
    ],
  },
  {
    name: 'steal-unrecorded',
    what: 'a steal leaves no trace in the log',
    engine: 'sqlite',
    rules: ['steal-is-recorded'],
    seconds: 20,
    edits: [
      {
        file: 'store/sqlite/sql/locks.ts',
        find: `json_array(session_id), NULL), :note\n   \${MAKES_WAY}\``,
        replace: `json_array(session_id), NULL), :note\n   \${MAKES_WAY} AND :stolen = 0\``,
      },
    ],
  },
  {
    name: 'outbox-loses-tail',
    what: 'a replay forgets the last operation of several',
    engine: 'mariadb',
    rules: ['queued-is-done-once', 'message-arrives-once'],
    edits: [
      {
        file: 'outbox/file.ts',
        find: 'read.flatMap(({ operation }) => (operation ? [operation] : []))',
        replace:
          'read.flatMap(({ operation }) => (operation ? [operation] : [])).slice(0, Math.max(1, read.length - 1))',
      },
    ],
  },
  {
    name: 'outbox-reversed',
    what: 'the outbox is delivered with the latest operation first',
    engine: 'mariadb',
    rules: ['released-is-gone', 'acknowledged-stays', 'queued-is-done-once'],
    seconds: 120,
    edits: [
      {
        file: 'outbox/file.ts',
        find: 'read.flatMap(({ operation }) => (operation ? [operation] : []))',
        replace: 'read.flatMap(({ operation }) => (operation ? [operation] : [])).reverse()',
      },
    ],
  },
  {
    name: 'message-twice',
    what: 'a message is sent twice',
    engine: 'sqlite',
    rules: ['message-arrives-once'],
    edits: [
      {
        file: 'coordination/messages.ts',
        find: '  await coordination.messages.send(checked.value, until)\n',
        replace:
          '  await coordination.messages.send(checked.value, until)\n  await coordination.messages.send({ ...checked.value, id: crypto.randomUUID() }, until)\n',
      },
    ],
  },
  {
    name: 'no-turns',
    what: 'a label is granted without regard to the wait queue',
    engine: 'sqlite',
    rules: ['first-come-first-served'],
    edits: [
      {
        file: 'store/sqlite/sql/locks.ts',
        find: ` AND session_id IS NULL AND \${AHEAD} = 0`,
        replace: ' AND session_id IS NULL',
      },
      { file: 'claims/acquire.ts', find: 'if (lock.ahead > 0)', replace: 'if (lock.ahead > 1_000)' },
      { file: 'claims/poll.ts', find: '  if (ahead > 0) return', replace: '  if (ahead > 1_000) return' },
    ],
  },
  {
    name: 'drop-unnamed',
    what: 'a queued claim that expired is dropped without a word',
    engine: 'mariadb',
    rules: ['queued-is-done-once'],
    edits: [
      {
        file: 'outbox/replay.ts',
        find: '    this.dropped.push({',
        replace: '    if (heldBy !== undefined) this.dropped.push({',
      },
    ],
  },
  {
    name: 'expired-listed',
    what: 'a claim counts as live for half a second after its expiry',
    engine: 'sqlite',
    rules: ['expired-is-not-live'],
    edits: [
      {
        file: 'domain/claim.ts',
        find: '  return claim.expiresAt > asOf\n',
        replace: '  return claim.expiresAt.getTime() > asOf.getTime() - 500\n',
      },
    ],
  },
  {
    name: 'beside-exclusive',
    what: 'a shared claim is granted beside an exclusive one',
    engine: 'sqlite',
    rules: ['one-holder'],
    edits: [
      {
        file: 'claims/claim.ts',
        find: 'if (!exclusive || !isExclusive(exclusive)) return',
        replace: 'if (exclusive?.session.id !== session.id) return',
      },
    ],
  },
  {
    name: 'release-does-nothing',
    what: 'a release is answered and not done',
    engine: 'sqlite',
    rules: ['released-is-gone'],
    edits: [
      {
        file: 'claims/release.ts',
        find: '    claims: mine.some(({ ended }) => !ended),\n',
        replace: '    claims: label !== undefined && mine.some(({ ended }) => !ended),\n',
      },
    ],
  },
]
