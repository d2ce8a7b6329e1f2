/** What a command may use of the world around it. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The answer, and nothing else. */
  out(line: string): void
  /** Everything else: warnings, notes, hints. */
  err(line: string): void
  /** Somebody looks on: progress is shown, and lines for a log are not. */
  readonly watched: boolean
  /** What long work has come to, in place of what it was before; shown on a terminal only. */
  progress(line: string): void
  /** A yes or no, where somebody can be asked; undefined where nobody is there. */
  ask(question: string): Promise<boolean | undefined>
  /** Shows an answer that may be longer than the screen. */
  page(lines: readonly string[]): void
  /** Columns to fit the answer into; Infinity where it doesn't go to a terminal, so that nothing is cut. */
  readonly width: number
  /** Paints for standard output, or leaves the text as it is where colour isn't wanted. */
  paint(style: Style, text: string): string
}

type Style = 'bold' | 'dim' | 'yellow' | 'cyan'
