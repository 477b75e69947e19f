/** Where a command prints; the program hands it over, so that commands can be tried without a terminal. */
export interface Output {
  /** The answer: one piece of standard output, with its line break. */
  print(text: string): void
  /** What goes on meanwhile: one line of standard error. */
  note(text: string): void
  /** Whether a person watches standard error. */
  interactive: boolean
  /** Whether standard output may have colours. */
  colour: boolean
  /** Columns of the terminal. */
  width: number
  /** Whether nothing is told of what goes on meanwhile. */
  quiet?: boolean
}

/** What a command ends with: 0; 1 where `--fail-on` is met; 3 where nothing could be audited. */
export type ExitCode = 0 | 1 | 3
