/** The environment of a command: variables, folder, streams and terminal. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Prints the answer, and nothing else, on standard output. */
  out(line: string): void
  /** Prints everything else: warnings, notes, hints. */
  err(line: string): void
  /** True if a person is watching on a terminal: progress is shown, and lines meant for a log are not. */
  readonly watched: boolean
  /** Shows the progress of long work, in place of the previous line. Only on a terminal. */
  progress(line: string): void
  /** Asks a yes-or-no question; undefined if there is no terminal to ask at. */
  ask(question: string): Promise<boolean | undefined>
  /**
   * Asks for a line; undefined if there is no terminal to ask at, null if the person ended the question unanswered.
   *
   * @param shown what the terminal shows of what was typed so far, which may be secret
   */
  askLine(question: string, shown: (typed: string) => string): Promise<string | null | undefined>
  /** Shows an answer that may be longer than the screen. */
  page(lines: readonly string[]): void
  /** Columns to fit the answer into. Infinity if it doesn't go to a terminal, so that nothing is cut. */
  readonly width: number
  /** Colours text for standard output, or returns it unchanged where colour isn't wanted. */
  paint(style: Style, text: string): string
}

type Style = 'bold' | 'dim' | 'yellow' | 'cyan'
