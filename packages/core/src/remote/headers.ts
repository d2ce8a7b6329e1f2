/**
 * A header on every answer of a presence server. An answer without it comes from a proxy or another program.
 */
export const VERSION_HEADER = 'presence-version'

/**
 * A header on every call of a client and every answer of a server: the version of the bodies of `/api/v1`.
 * Version 1 had no header, and named a claim's label and session differently. Version 2 named projects, a
 * message's sessions and an item's workflow differently. Answers of version 3 didn't tell of overlapping claims.
 */
export const API_HEADER = 'presence-api'
export const API_VERSION = 4

/** A header of a call that is made once, however often it is sent: see `Once` in `calls/call.ts`. */
export const KEY_HEADER = 'idempotency-key'
