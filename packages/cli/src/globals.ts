/** The options that every verb accepts. */
export interface Globals {
  readonly json?: boolean
  readonly dsn?: string
  readonly session?: string
  readonly strict?: boolean
}
