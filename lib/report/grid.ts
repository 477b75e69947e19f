import Table from 'cli-table3'

/** A table without lines, as wide as the terminal at most: the first column gives way, and long words are cut. */
export function grid(widths: number[], usable: number): Table.Table {
  // One blank stands between two columns.
  const total = widths.reduce((sum, width) => sum + width, widths.length - 1)
  const [first = 0, ...rest] = widths
  const colWidths = [Math.max(14, first - Math.max(0, total - usable)), ...rest]
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: ' ',
  }
  return new Table({
    chars: none,
    colWidths,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
}

/** Control characters of a name from AWS must not reach the terminal, where they are commands. */
export function visible(text: string): string {
  return text.replaceAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
