/** An answer of an engine: a value, or the name of the refusal. */
type Answer = string | number | boolean | null | { refused: string | RegExp }

/** What the two engines do not answer alike, and why the portable part of SQL leaves it out or wraps it. */
export const differences: { sql: string; duckdb: Answer; trino: Answer }[] = [
  { sql: '7 / 2', duckdb: 3.5, trino: 3 },
  { sql: '1 / (1 - 1)', duckdb: Number.POSITIVE_INFINITY, trino: { refused: 'DIVISION_BY_ZERO' } },
  { sql: "concat('a', cast(null as varchar))", duckdb: 'a', trino: null },
  { sql: 'greatest(1, cast(null as integer))', duckdb: 1, trino: null },
  { sql: "split_part('a/b', '/', 3)", duckdb: '', trino: null },
  { sql: "substr('abc', 0, 2)", duckdb: 'a', trino: '' },
  { sql: "regexp_extract('a', 'b')", duckdb: '', trino: null },
  { sql: "regexp_replace('aa', 'a', 'b')", duckdb: 'ba', trino: 'bb' },
  {
    sql: "date_diff('day', timestamp '2026-01-01 23:00:00', timestamp '2026-01-02 01:00:00')",
    duckdb: 1,
    trino: 0,
  },
  {
    sql: "cast(timestamp '2026-01-01 00:00:00.000' as varchar)",
    duckdb: '2026-01-01 00:00:00',
    trino: '2026-01-01 00:00:00.000',
  },
  { sql: 'cast(cast(10 as double) as varchar)', duckdb: '10.0', trino: '1.0E1' },
  { sql: "sha256('a') = sha256('a')", duckdb: true, trino: { refused: 'FUNCTION_NOT_FOUND' } },
]
