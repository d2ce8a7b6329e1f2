/** Identifies a lock: its label, and the fencing token that it was acquired with. */
export interface Acquisition {
  readonly label: string
  readonly token: number
}

/** The length limit fits a label of 255 characters of 4 bytes each, as base64. */
export const LOCK_ID = /^[A-Za-z0-9_-]{4,1400}$/

/** The id of a lock. It is valid while the lock is held: a later lock on the same label has another id. */
export function lockId({ label, token }: Acquisition): string {
  return Buffer.from(`${token}:${label}`, 'utf8').toString('base64url')
}

/** Undefined if `id` is not a lock's id. */
export function parseLockId(id: string): Acquisition | undefined {
  const [, token, label] =
    /^([1-9]\d{0,15}):(.+)$/su.exec(Buffer.from(id, 'base64url').toString('utf8')) ?? []
  if (label === undefined || !Number.isSafeInteger(Number(token))) return undefined
  const acquisition = { label, token: Number(token) }
  return lockId(acquisition) === id ? acquisition : undefined
}
