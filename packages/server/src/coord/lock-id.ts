/** What tells a lock from any other: its label, and the token that it was taken with. */
export interface Acquisition {
  readonly label: string
  readonly token: number
}

/** A label has at most 255 characters of 4 bytes. */
export const LOCK_ID = /^[A-Za-z0-9_-]{4,1400}$/

/** The id of a lock, for as long as it is held: the same label taken again has another. */
export function lockId({ label, token }: Acquisition): string {
  return Buffer.from(`${token}:${label}`, 'utf8').toString('base64url')
}

/** Undefined for what is no lock's id. */
export function parseLockId(id: string): Acquisition | undefined {
  const [, token, label] =
    /^([1-9]\d{0,15}):(.+)$/su.exec(Buffer.from(id, 'base64url').toString('utf8')) ?? []
  if (label === undefined || !Number.isSafeInteger(Number(token))) return undefined
  const acquisition = { label, token: Number(token) }
  return lockId(acquisition) === id ? acquisition : undefined
}
