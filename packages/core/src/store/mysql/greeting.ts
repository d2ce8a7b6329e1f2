/** What a server says first, before anything is asked of it. */
export interface Greeting {
  readonly version: string
  /** Is TLS offered? */
  readonly tls: boolean
  /** Does a connection begin in autocommit? */
  readonly autocommit: boolean
}

/** A packet's length and number. */
const HEADER_BYTES = 4
const PROTOCOL = 10
/** From the version's end on: connection id, first half of the salt, filler. */
const BEFORE_CAPABILITIES = 4 + 8 + 1
/** From the capabilities on: themselves, and the character set. */
const BEFORE_STATUS = 2 + 1
const CLIENT_SSL = 0x0800
const STATUS_AUTOCOMMIT = 0x0002

/** Reads a greeting; undefined when the bytes are none, or not the whole of what is asked of it. */
export function readGreeting(bytes: Buffer): Greeting | undefined {
  if (bytes[HEADER_BYTES] !== PROTOCOL) return undefined
  const end = bytes.indexOf(0, HEADER_BYTES + 1)
  const capabilities = end + 1 + BEFORE_CAPABILITIES
  const status = capabilities + BEFORE_STATUS
  if (end < 0 || bytes.length < status + 2) return undefined
  return {
    version: bytes.toString('latin1', HEADER_BYTES + 1, end),
    tls: (bytes.readUInt16LE(capabilities) & CLIENT_SSL) !== 0,
    autocommit: (bytes.readUInt16LE(status) & STATUS_AUTOCOMMIT) !== 0,
  }
}
