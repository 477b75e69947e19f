/** Text that stands in a cell of a Markdown table. */
export function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', String.raw`\|`)
}

/** A Markdown table. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Pieces of a page, with a blank line between them. */
export function page(pieces: string[]): string {
  return `${pieces.filter((piece) => piece !== '').join('\n\n')}\n`
}
