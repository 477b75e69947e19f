import { NotAnAnswer } from '../aws/whole-answer.ts'

/**
 * A member of an answer that AWS always tells. Where it is missing nothing was told, which must not pass for "there is none": that, AWS says
 * by an error. A list within a list of things is no such member, since AWS leaves out lists that are empty.
 * @throws NotAnAnswer where it is missing
 */
export function told<Holder extends object, Name extends keyof Holder & string>(
  holder: Holder,
  name: Name,
): NonNullable<Holder[Name]> {
  const value = holder[name]
  // An element without content tells no more than none.
  if (value === undefined || value === null || value === '') {
    throw new NotAnAnswer(`the answer has no ${name}`)
  }
  return value
}
