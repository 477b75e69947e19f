import type { NormalizedSchema } from '@smithy/core/schema'
import { readScalar } from './scalars.ts'

/** A form's dotted names as a tree. */
interface Node {
  text: string | undefined
  children: Map<string, Node>
}

const emptyNode = (): Node => ({ text: undefined, children: new Map() })

function tree(form: URLSearchParams): Node {
  const root = emptyNode()
  for (const [name, text] of form) {
    let node = root
    for (const part of name.split('.')) {
      let child = node.children.get(part)
      if (child === undefined) {
        child = emptyNode()
        node.children.set(part, child)
      }
      node = child
    }
    node.text = text
  }
  return root
}

/** Reads the input of an awsQuery or ec2Query request. */
export function readForm(schema: NormalizedSchema, form: URLSearchParams, ec2: boolean): object {
  return readStruct(schema, tree(form), ec2)
}

function wireName(memberName: string, schema: NormalizedSchema, ec2: boolean): string {
  const { ec2QueryName, xmlName } = schema.getMergedTraits()
  if (!ec2) return String(xmlName ?? memberName)
  if (ec2QueryName !== undefined) return String(ec2QueryName)
  const name = String(xmlName ?? memberName)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function readStruct(schema: NormalizedSchema, node: Node, ec2: boolean): object {
  const value: Record<string, unknown> = {}
  for (const [name, member] of schema.structIterator()) {
    const child = node.children.get(wireName(name, member, ec2))
    if (child !== undefined) value[name] = readValue(member, child, ec2)
  }
  return value
}

function readValue(schema: NormalizedSchema, node: Node, ec2: boolean): unknown {
  if (schema.isStructSchema()) return readStruct(schema, node, ec2)
  if (!schema.isListSchema()) return readScalar(schema, node.text ?? '')
  // Flat lists number the items at once; others put `member` or a name of their own between.
  const [first] = node.children.keys()
  const numbered = first !== undefined && !/^\d+$/.test(first) ? node.children.get(first) : node
  return [...(numbered?.children ?? [])]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => readValue(schema.getValueSchema(), child, ec2))
}
