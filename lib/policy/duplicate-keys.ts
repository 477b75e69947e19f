/**
 * The paths of keys that an object names twice, in JSON that is valid. `JSON.parse` keeps the last of them; which one AWS heeds is
 * not documented, so a document with duplicates has no certain meaning.
 */
export function duplicateKeys(json: string): string[] {
  const found: string[] = []
  const open: Frame[] = []
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) step(open, token, found)
  return found
}

interface Frame {
  keys: Set<string> | undefined
  /** The key or index that the walk is at. */
  at: string
  index: number
  expectsKey: boolean
}

function step(open: Frame[], token: string, found: string[]): void {
  const top = open.at(-1)
  if (token === '{' || token === '[') {
    const object = token === '{'
    open.push({
      keys: object ? new Set() : undefined,
      at: object ? '' : '[0]',
      index: 0,
      expectsKey: object,
    })
  } else if (token === '}' || token === ']') {
    open.pop()
  } else if (token === ',' && top) {
    if (top.keys) top.expectsKey = true
    else top.at = `[${++top.index}]`
  } else if (token.startsWith('"') && top?.keys && top.expectsKey) {
    readKey(open, top, top.keys, token, found)
  }
}

function readKey(open: Frame[], top: Frame, keys: Set<string>, token: string, found: string[]) {
  const key = String(JSON.parse(token))
  top.expectsKey = false
  top.at = key
  if (keys.has(key)) found.push(pathOf(open))
  keys.add(key)
}

function pathOf(open: Frame[]): string {
  return open
    .map(({ at }) => at)
    .join('.')
    .replaceAll('.[', '[')
}
