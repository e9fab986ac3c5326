import { lowerCase } from '../definition/text.ts';
import type { Dialect } from '../sql/dialect.ts';
import { constantOf, type Operator, ofText } from './operator.ts';
import { lowerSql } from './texts.ts';

/** Its second group is the host. */
const HOST = '[a-zA-Z][a-zA-Z0-9+.-]*://([^/?#@]*@)?(\\[[^\\]]*\\]|[^/?#:]+)';
/** Its second group is what follows the authority up to ? or #, of an absolute URL or of one that begins with its path. */
const PATH = '([a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]+|)(/[^?#]*)';
/** Matches an absolute URL that has no path at all. */
const NO_PATH = '[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]+([?#][\\s\\S]*)?';
/** Its second group is the value of the first parameter of this name. */
const queryOf = (name: string) => `[^?#]*\\?([^&#]*&)*?${name.replaceAll('.', '\\.')}=([^&#]*)`;

const host = new RegExp(`^${HOST}`);
const path = new RegExp(`^${PATH}`);
const noPath = new RegExp(`^${NO_PATH}$`);

export const urls = {
  urlHost: {
    fold: ofText((text) => {
      const found = host.exec(text)?.[2];
      return found === undefined ? null : lowerCase.of(found);
    }),
    sql: (dialect, [a]) => lowerSql(dialect.secondGroup(a, HOST)),
  },
  urlPath: {
    fold: ofText((text) => path.exec(text)?.[2] ?? (noPath.test(text) ? '/' : null)),
    sql: (dialect, [a]) => `coalesce(${dialect.secondGroup(a, PATH)}, CASE WHEN ${dialect.matches(a, NO_PATH)} THEN '/' END)`,
  },
  // An empty value counts as missing, since DuckDB does not distinguish an empty group from one that did not match.
  urlQuery: {
    fold: (args, node) => {
      const query = new RegExp(`^${queryOf(String(constantOf(node, 1)))}`);
      return ofText((text) => query.exec(text)?.[2] || null)(args);
    },
    sql: (dialect: Dialect, [a], node) => `nullif(${dialect.secondGroup(a, queryOf(String(constantOf(node, 1))))}, '')`,
  },
} satisfies Record<string, Operator>;
