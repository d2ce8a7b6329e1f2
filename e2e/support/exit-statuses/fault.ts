/** A board that can't be used. */
export interface Fault {
  /** `away`: nobody answers. `fix`: somebody has to fix something first. */
  readonly nature: 'away' | 'fix'
  /** The code of the fault. */
  readonly code: string
  /** What the first line on standard error says, and the hint. */
  readonly says: RegExp
  readonly hint: RegExp
  readonly when?: boolean
  /** Verbs that this is no fault for, or a different one, with the status that they exit with. */
  readonly others?: Readonly<Record<string, number>>
  readonly make: () => Promise<Made> | Made
}

export interface Made {
  readonly env: Readonly<Record<string, string>>
  readonly uid?: number
  /** Words before the command. */
  readonly inside?: readonly string[]
  /** Writes this text as the project's config. */
  readonly config?: string
}
