import { accept, type Checked, refuse } from './refusal.ts'

/** A fencing token: a whole number from 1. */
export function parseToken(token: number): Checked<number> {
  if (Number.isSafeInteger(token) && token >= 1) return accept(token)
  return refuse({
    code: 'invalid_token',
    message: Number.isNaN(token) ? 'that is not a token' : `${token} is not a token`,
    remedy: 'give the number that the exclusive claim was granted with',
  })
}
