/** Stands before a text that is to be written as it is, without quotes. */
export const RAW = '\u2063raw:'

/** What is done to one value of an answer. */
export interface Change {
  name?: string
  /** `missing`: it is taken away; `twice`: an item of a list comes once more; `more`: it gets a member that nobody knows. */
  kind: 'missing' | 'twice' | 'more' | 'other'
  /** What stands there instead, in JSON. */
  json(value: unknown): unknown
  /** What stands there instead, in XML: the content of the element; undefined: there is no such thing in XML. */
  xml: string | undefined
}

const SCALARS: Record<string, unknown> = {
  null: null,
  text: 'fuzz',
  number: 42,
  zero: 0,
  true: true,
  false: false,
  'a list': ['fuzz'],
  'an empty list': [],
  'a list of nothing': [null],
  'an object': { fuzz: 'fuzz' },
  'an empty object': {},
  'empty text': '',
  'the text of a boolean': 'false',
  'the text of a number': '7',
  'a megabyte': 'fuzz'.repeat(250_000),
  negative: -1,
  'half a number': 0.5,
  'a huge number': 1e300,
  'a number beyond all': `${RAW}1e400`,
  'more digits than a number has': `${RAW}9223372036854775808`,
  'right to left': 'fuzz\u202e\u2067\u200f',
  'a null character': 'fu\u0000zz',
  'half a character': 'fuzz\ud83d',
  'picture characters': 'fuzz👩‍👩‍👧‍👦🏳️‍🌈',
  'a tower of accents': `fuzz${'\u0301\u0488'.repeat(5000)}`,
  'lines and quotes': 'fuzz\r\n\t"\'`;--</script>',
  'an unknown word': 'FUZZ_WORD',
}

/** How an element says the same; what cannot be said is left out. */
const ELEMENTS: Record<string, string> = {
  null: '',
  'a list': '<member>fuzz</member><item>fuzz</item>',
  'an object': '<fuzz>fuzz</fuzz>',
  'a null character': 'fu&#0;zz',
  'a number beyond all': '1e400',
  'more digits than a number has': '9223372036854775808',
  'lines and quotes': 'fuzz&#xD;&#xA;&#x9;"\'`;--&lt;/script&gt;',
}

const none = { json: () => undefined, xml: undefined }

/** Every change, by its name. */
export const CHANGES: Record<string, Change> = {
  missing: { kind: 'missing', ...none },
  twice: { kind: 'twice', ...none },
  'an unknown member': { kind: 'more', ...none },
  'a member __proto__': { kind: 'more', name: '__proto__', ...none },
  'a member constructor': { kind: 'more', name: 'constructor', ...none },
  'a list of it': { kind: 'other', json: (value) => [value], xml: undefined },
  ...Object.fromEntries(
    Object.entries(SCALARS).map(([name, value]): [string, Change] => [
      name,
      { kind: 'other', json: () => value, xml: elementOf(name, value) },
    ]),
  ),
}

function elementOf(name: string, value: unknown): string | undefined {
  const told = ELEMENTS[name]
  if (told !== undefined) return told
  return typeof value === 'object' ? undefined : String(value)
}
