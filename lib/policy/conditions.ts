import { matchesOne, type Operator, operators } from './operators.ts'
import { expand } from './pattern.ts'
import { all, any, not } from './tri.ts'
import type { Condition, Context, Tri } from './types.ts'

/**
 * All operators and all keys of a Condition block must hold; of several values one is enough.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
export function conditionsHold(conditions: readonly Condition[], context: Context): Tri {
  if (conditions.length === 0) return true
  return all(conditions, (condition) => conditionHolds(condition, context))
}

/** One operator with one key. */
export function conditionHolds(condition: Condition, context: Context): Tri {
  const values = context.get(condition.lookup)
  if (condition.operator === 'null') return isNull(condition, values)
  const operator = operators.get(condition.operator)
  if (!operator || !values) return 'unknown'
  if (values.length === 0) return withoutValue(condition, operator)
  const wanted = policyValues(condition, context)
  const test = (value: string): Tri => {
    const found = matchesOne(operator, wanted.known, value)
    const matched = found !== true && wanted.unknown ? 'unknown' : found
    return operator.negated ? not(matched) : matched
  }
  if (condition.qualifier === 'all') return all(values, test)
  if (condition.qualifier === 'any') return any(values, test)
  // What an operator without a qualifier makes of several values is not documented.
  return values.length === 1 ? test(values[0] ?? '') : agreed(values.map(test))
}

/**
 * The key is not in the request: a positive operator is false and a negative one true; IfExists makes both true; ForAllValues is
 * true of an empty set and ForAnyValue false.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function withoutValue(condition: Condition, operator: Operator): Tri {
  if (condition.ifExists || condition.qualifier === 'all') return true
  if (condition.qualifier === 'any') return false
  return operator.negated
}

function isNull(condition: Condition, values: readonly string[] | undefined): Tri {
  if (!values) return 'unknown'
  const absent = String(values.length === 0)
  return condition.values.some(({ source }) => source.toLowerCase() === absent)
}

/** A variable without a value makes its text match nothing; one whose value is not known may match. */
function policyValues(
  condition: Condition,
  context: Context,
): { known: string[]; unknown: boolean } {
  const known: string[] = []
  let unknown = false
  for (const pattern of condition.values) {
    const text = expand(pattern, context)
    if (text === 'unknown') unknown = true
    else if (text !== undefined) known.push(text)
  }
  return { known, unknown }
}

function agreed(answers: readonly Tri[]): Tri {
  return answers.every((answer) => answer === answers[0]) ? (answers[0] ?? 'unknown') : 'unknown'
}
