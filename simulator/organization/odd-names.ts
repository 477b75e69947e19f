/** Names that break what does not quote, escape or encode. */
export const oddNames: readonly [string, string, string, string, string, string] = [
  `O'Brien's "old" disk`,
  'two\nlines',
  `=cmd|'/c calc'!A1`,
  '<script>alert(1)</script>',
  'données-äöü-日本語-🔐',
  'a,b;c\\d%e_f',
]
