/**
 * What is looked at: everything, one organizational unit, or one account; and the filters of the list of findings.
 * @typedef {{ kind: 'organization' | 'ou' | 'account', id: string }} View
 * @typedef {{
 *   status: string[], severity: string[], family: string, control: string, region: string, type: string, search: string,
 * }} Filter
 */

/** @returns {Filter} */
export function emptyFilter() {
  return { status: [], severity: [], family: '', control: '', region: '', type: '', search: '' }
}

/**
 * Reads `#/account/111122223333?status=fail`; null where the address is not a view of the report.
 * @param {string} hash
 * @returns {{ view: View, filter: Filter } | null}
 */
export function parseRoute(hash) {
  if (hash !== '' && hash !== '#' && !hash.startsWith('#/')) return null
  const [path = '', query = ''] = hash.slice(1).split('?')
  const [, kind, id = ''] = path.split('/')
  const given = new URLSearchParams(query)
  const filter = emptyFilter()
  for (const name of /** @type {const} */ (['status', 'severity'])) {
    filter[name] = (given.get(name) ?? '').split(',').filter(Boolean)
  }
  for (const name of /** @type {const} */ (['family', 'control', 'region', 'type', 'search'])) {
    filter[name] = given.get(name) ?? ''
  }
  if (kind === 'ou' || kind === 'account') return { view: { kind, id: decoded(id) }, filter }
  return { view: { kind: 'organization', id: '' }, filter }
}

/**
 * The address of a view: what `parseRoute` reads.
 * @param {View} view
 * @param {Partial<Filter>} [filter]
 */
export function routeTo(view, filter = {}) {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) {
    const text = Array.isArray(value) ? value.join(',') : value
    if (text) query.set(name, text)
  }
  const path = view.kind === 'organization' ? '' : `${view.kind}/${encodeURIComponent(view.id)}`
  const asked = query.toString()
  return `#/${path}${asked ? `?${asked}` : ''}`
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    // An address that somebody typed; it names nothing that the report knows.
    return text
  }
}
