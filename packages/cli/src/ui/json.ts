import { type Claim, type ClaimJson, claimJson, type JsonView } from '@presence/core'

export { claimJson } from '@presence/core'
export { placeJson } from '@presence/core/internal'

/** JSON.stringify doesn't escape these, and a terminal would act on them. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** One line of JSON that is safe to print on a terminal. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function claimsJson(claims: readonly Claim[], view: JsonView): readonly ClaimJson[] {
  return claims.map(claim => claimJson(claim, view))
}

/**
 * A command line that can't be parsed, in the form of every other error.
 *
 * @param help the command that explains it
 */
export function usageJson(message: string, help: string) {
  const said = message.replace(/^error: /, '').replaceAll('\n', ' ')
  return { error: { code: 'usage', message: said, remedy: `see: ${help}` } }
}
