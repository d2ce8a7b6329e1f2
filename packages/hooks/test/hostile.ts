/** A payload with the fields that a hook needs, and any others. */
export const payload = (more: object = {}) => JSON.stringify({ session_id: 's1', cwd: '/', ...more })

/** Inputs that may come instead of an agent's payload. */
export const HOSTILE_PAYLOADS: readonly (readonly [name: string, input: string | Buffer<ArrayBuffer>])[] = [
  ['nothing', ''],
  ['half an object', '{"session_id":"s1","cw'],
  ['binary', Buffer.from([0, 255, 254, 1, 2, 0x80])],
  ['a list', '[1,2]'],
  ['null', 'null'],
  ['fields of other types', '{"session_id":{"a":1},"cwd":7,"source":[],"tool_name":null}'],
  ['10 MB of a tool’s answer', `{"session_id":"s1","tool_response":"${'x'.repeat(10_000_000)}"}`],
  ['a folder that is gone', payload({ cwd: '/no/such/folder' })],
]

/** Ids that an agent may use for its session. */
export const HOSTILE_IDS: readonly (readonly [name: string, id: string])[] = [
  ['slashes', '../../etc/passwd'],
  ['a newline', 'a\nb'],
  ['10,000 characters', 'a'.repeat(10_000)],
  ['a dot', '.'],
  ['quotes', `a'; touch ${'/tmp/presence-was-here'}; '`],
  ['a NUL', 'a\u0000b'],
]
