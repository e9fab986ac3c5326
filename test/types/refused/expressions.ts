import { and, coalesce, eq, exists, gt, hourOf, in_, lower, lt, not, or, urlHost } from 'twinstream';
import { edit } from '../events.ts';

// expect: Argument of type '"yes"' is not assignable to parameter of type 'boolean
eq(edit.isRobot, 'yes');
// expect: Argument of type '"piad"' is not assignable
eq(edit.status, 'piad');
// expect: Argument of type 'number' is not assignable to parameter of type 'string
eq(edit.page, 5);
// expect: "a comparison takes a simple value; 'geo' is object"
eq(edit.geo, 'DE');
// expect: "a comparison takes a number or text; 'isRobot' is boolean"
gt(edit.isRobot, true);
// expect: is not assignable to parameter of type
lt(edit.added, edit.page);
// expect: Type '"closed"' is not assignable
in_(edit.status, ['open', 'closed']);
// expect: "exists takes a simple value; 'geo' is object"
exists(edit.geo);
// expect: "not takes a condition; 'page' is text"
not(edit.page);
// expect: Type '"text"' is not assignable to type '"boolean"'
and(edit.isRobot, edit.page);
// expect: Type '"integer"' is not assignable to type '"boolean"'
or(edit.added);
// expect: "lower takes text; 'score' is float"
lower(edit.score);
// expect: "urlHost takes text; 'added' is integer"
urlHost(edit.added);
// expect: "hourOf takes text; 'isRobot' is boolean"
hourOf(edit.isRobot);
// expect: Argument of type 'number' is not assignable to parameter of type 'string
coalesce(edit.page, 0);
// expect: Operator '>' cannot be applied
edit.added > 5;
