import { answering } from '../../../functions/middleware/answering.ts';
import { json } from '../../../shared/request/http.ts';
import { quiet } from '../../support/world.ts';

const ok = async () => json(200, {});

// A route without a handler.
// expect: Property '"POST /dead-letters/replay"' is missing in type
answering<'letters'>(quiet, { 'GET /dead-letters': ok });
// expect: Property '"GET /entities/{name}/{key+}"' is missing in type
answering<'search'>(quiet, { 'GET /entities/{name}': ok });
// expect: missing the following properties from type 'Handlers<"exclusions">': "GET /exclusions", "POST /exclusions"
answering<'exclusions'>(quiet, { 'DELETE /exclusions/{id}': ok });
// expect: missing the following properties from type 'Handlers<"query">'
answering<'query'>(quiet, {});

// A handler without a route, or of another function.
// expect: ''GET /version'' does not exist in type 'Handlers<"stats">'
answering<'stats'>(quiet, { 'GET /stats': ok, 'GET /version': ok });
// expect: ''GET /stats'' does not exist in type 'Handlers<"ingest">'
answering<'ingest'>(quiet, { 'POST /events': ok, 'POST /events/{type}': ok, 'GET /stats': ok });
// expect: ''GET /quarantine/replay'' does not exist in type 'Handlers<"quarantine">'
answering<'quarantine'>(quiet, { 'GET /quarantine': ok, 'POST /quarantine/replay': ok, 'GET /quarantine/replay': ok });

// A spelling that differs.
// expect: ''GET /entities/{name}/{key}'' does not exist in type 'Handlers<"search">'
answering<'search'>(quiet, { 'GET /entities/{name}': ok, 'GET /entities/{name}/{key}': ok });
// expect: ''POST /events/{name}'' does not exist in type 'Handlers<"ingest">'
answering<'ingest'>(quiet, { 'POST /events': ok, 'POST /events/{name}': ok });
// expect: ''PUT /quarantine/replay'' does not exist in type 'Handlers<"quarantine">'
answering<'quarantine'>(quiet, { 'GET /quarantine': ok, 'PUT /quarantine/replay': ok });
// expect: ''GET /dead-letters/'' does not exist in type 'Handlers<"letters">'
answering<'letters'>(quiet, { 'GET /dead-letters/': ok, 'POST /dead-letters/replay': ok });

answering<'search'>(quiet, {
  // expect: Property 'key' does not exist on type 'Readonly<Record<"name", string>>'
  'GET /entities/{name}': async ({ pathParameters }) => json(200, pathParameters.key),
  // expect: Property 'nmae' does not exist on type 'Readonly<Record<"key" | "name", string>>'
  'GET /entities/{name}/{key+}': async ({ pathParameters }) => json(200, pathParameters.nmae),
});
