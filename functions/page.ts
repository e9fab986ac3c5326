import { assets, html, type PageFile } from '#page';
import { liveUrl, onLambda, telemetry } from '#platform';
import type { Platform } from '../shared/platforms/platform.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { reply } from '../shared/query/reply.ts';
import type { HttpAnswer, HttpHandler } from '../shared/request/http.ts';
import { notFound } from '../shared/request/problem.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

/** The page may load its own files and ask its own server, which on AWS pushes numbers from another host, and nothing else; no other page may frame it. */
const headersOf = (liveUrl: string | null) => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${liveUrl === null ? '' : ` ${new URL(liveUrl).origin}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
});
const FOR_GOOD = 'public, max-age=31536000, immutable';

/** GET / and what it loads. */
export const page = ({ liveUrl, telemetry }: { readonly liveUrl: string | null; readonly telemetry: Telemetry }): HttpHandler => {
  const headers = headersOf(liveUrl);
  return answering<'page'>(telemetry, {
    'GET /': async (request) => reply(request, 'text/html; charset=utf-8', html, headers),
    'GET /assets/{file}': async ({ pathParameters: { file } }) => {
      const found = Object.hasOwn(assets, file) ? assets[file] : undefined;
      if (found === undefined) throw notFound(`The page has no file '${file.slice(0, 100)}'. It was updated: load it again.`);
      return assetAnswer(found);
    },
  });
};

const assetAnswer = ({ type, text, base64 }: PageFile): HttpAnswer => ({
  status: 200,
  headers: { 'content-type': type, 'cache-control': FOR_GOOD },
  body: text ?? Buffer.from(base64 ?? '', 'base64'),
});

/** Over the ports of a platform. */
export const bind = ({ liveUrl, telemetry }: Pick<Platform, 'liveUrl' | 'telemetry'>) => page({ liveUrl: liveUrl(), telemetry: telemetry() });

export const handler = onLambda(() => onApiGateway(bind({ liveUrl, telemetry })));
