/** The packet that a server sends first, before any request. */
export interface Greeting {
  readonly version: string
  /** True if the server offers TLS. */
  readonly tls: boolean
  /** True if a connection starts in autocommit. */
  readonly autocommit: boolean
}

/** A packet's length and sequence number. */
const HEADER_BYTES = 4
const PROTOCOL = 10
/** After the version: connection id, first half of the salt, filler. */
const BEFORE_CAPABILITIES = 4 + 8 + 1
/** After the start of the capabilities: the capabilities themselves, and the character set. */
const BEFORE_STATUS = 2 + 1
const CLIENT_SSL = 0x0800
const STATUS_AUTOCOMMIT = 0x0002

/** Reads a greeting; undefined if the bytes aren't a greeting, or end before its status flags. */
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
