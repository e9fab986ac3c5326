import type { Node } from '../../shared/definition/definition.ts';
import { compileExpression } from '../../shared/fold/evaluate.ts';
import { operators } from '../../shared/operators/registry.ts';
import type { SqlEngine } from '../../shared/ports/sql-engine.ts';
import { quoteText } from '../../shared/sql/dialect.ts';
import { expressionSql, fieldSql } from '../../shared/sql/expression.ts';
import { type FieldNode, fieldsOf, type ItemNode } from '../../shared/sql/fields.ts';
import { random, seeds } from '../../testing/random.ts';
import { isLong } from './long.ts';
import { nastyEvents } from './nasty-events.ts';
import { randomNodes } from './random-expressions.ts';

/** Random trees of operators give the same value of every event, in the fold and by an engine's SQL. @param rounds of 25 trees, for each of 8 seeds. */
export const describeExpressionParity = (makeEngine: () => Promise<SqlEngine>, rounds = isLong ? 3 : 1): void => {
  const played = new Set<string>();
  test.each(seeds(8))('random expressions of seed %i give the values of the fold', async (seed) => {
    const engine = await makeEngine();
    const { dialect } = engine;
    const r = random(seed);
    const events = nastyEvents(seed, 80);
    for (let round = 0; round < rounds; round++) {
      const nodes = randomNodes(r, 25, 4);
      for (const node of nodes) visit(node, ({ op }) => played.add(op));
      const fields = fieldsOf({ dimensions: nodes.map((of) => ({ name: '', of })), measures: [], where: null });
      const paths = fields.map(({ path }) => path);
      const columnOf = (field: FieldNode | ItemNode) =>
        `f${fields.findIndex(({ kind, path }) => kind === field.kind && path.join('\0') === field.path.join('\0'))}`;
      const rows = await engine.rows(`WITH events AS (
SELECT * FROM (VALUES ${events.map(({ time, data }, i) => `(${i}, ${quoteText(time)}, ${quoteText(JSON.stringify(data))})`).join(',\n')}) AS t(place, time, data)
), documents AS (SELECT place, time, ${dialect.document(dialect.parsed('data'), paths)} AS document FROM events
), jsons AS ${dialect.materialized} (SELECT place, time, ${paths.map((_, i) => `${dialect.at('document', paths, i)} AS j${i}`).join(', ')} FROM documents
), fields AS ${dialect.materialized} (SELECT place, time, ${fields.map(({ kind }, i) => `${fieldSql(dialect, `j${i}`, kind)} AS f${i}`).join(', ')} FROM jsons)
SELECT place, ${nodes.map((node, i) => `${dialect.json(expressionSql(dialect, node, (of) => (of.op === 'field' ? columnOf(of) : 'NULL')))} AS e${i}`).join(',\n')} FROM fields ORDER BY place`);
      expect(rows.length).toBe(events.length);
      for (const [i, node] of nodes.entries()) {
        const evaluate = compileExpression(node);
        for (const [place, event] of events.entries()) {
          const json = rows[place]?.[`e${i}`] ?? null;
          const [fold, sql] = [evaluate(event), json === null ? null : (JSON.parse(String(json)) as unknown)];
          if (!Object.is(fold, sql)) expect({ node, event, fold, sql }).toBeNull();
        }
      }
    }
  });

  test('every operator was played', () => expect([...played].sort()).toEqual([...Object.keys(operators), 'const', 'field', 'time'].sort()));
};

const visit = (node: Node, on: (node: Node) => void): void => {
  on(node);
  if ('args' in node) for (const arg of node.args) visit(arg, on);
};
