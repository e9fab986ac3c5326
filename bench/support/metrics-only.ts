// The bundled pipeline without its entities: what metrics alone cost. Entities have benchmarks of their own.
import pipeline from '../../pipeline.ts';

export default { ...pipeline, entities: {} };
