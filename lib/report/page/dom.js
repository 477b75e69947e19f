/** @typedef {Node | string | number | null | undefined | Child[]} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes */

/**
 * Makes an element. Texts become text nodes and attributes are set as attributes, so that nothing that AWS names can become
 * markup. A function is a listener: `click: open`.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') made.addEventListener(name, value)
    else made.setAttribute(name, value === true ? '' : String(value))
  }
  append(made, children)
  return made
}

/**
 * @param {Element} parent
 * @param {Child[]} children
 */
export function append(parent, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child)
    else if (child !== null && child !== undefined) {
      parent.append(child instanceof Node ? child : String(child))
    }
  }
}

/**
 * Puts children in the place of what an element held.
 * @param {string} id
 * @param {...Child} children
 */
export function fill(id, ...children) {
  const place = byId(id)
  place.replaceChildren()
  append(place, children)
}

/** @param {string} id */
export function byId(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}

/**
 * Heading of a section, and what the section says in a sentence.
 * @param {string} id
 * @param {string} title
 * @param {Child} [lead]
 */
export function heading(id, title, lead) {
  return el(
    'header',
    { class: 'section-head' },
    el('h2', { id: `${id}-heading` }, title),
    lead ? el('p', { class: 'lead' }, lead) : null,
  )
}

/**
 * Sets style properties, such as the width of a bar.
 * @template {HTMLElement} E
 * @param {E} made
 * @param {Record<string, string>} properties
 * @returns {E}
 */
export function styled(made, properties) {
  for (const [name, value] of Object.entries(properties)) made.style.setProperty(name, value)
  return made
}
