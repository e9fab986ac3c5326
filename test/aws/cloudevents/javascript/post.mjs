// Sends events with the CloudEvents SDK of JavaScript: post.mjs URL MODE, one event a line on standard input.
import { text } from 'node:stream/consumers';
import { CloudEvent, HTTP } from 'cloudevents';

const [url, mode] = process.argv.slice(2);

const dataOf = (data) => {
  if (data === null) return {};
  if ('json' in data) return { data: data.json };
  return { data: 'text' in data ? data.text : new Uint8Array(Buffer.from(data.base64, 'base64')) };
};
const eventOf = ({ attributes, extensions, data }) => new CloudEvent({ ...attributes, ...extensions, ...dataOf(data) });
const messages = {
  binary: (events) => events.map(HTTP.binary),
  structured: (events) => events.map(HTTP.structured),
  batch: (events) => [{ headers: { 'content-type': 'application/cloudevents-batch+json' }, body: JSON.stringify(events) }],
};
const post = async ({ headers, body }) => {
  try {
    const response = await fetch(url, { method: 'POST', headers, body });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return { status: 0, body: String(error) };
  }
};

const events = (await text(process.stdin))
  .trim()
  .split('\n')
  .map((line) => eventOf(JSON.parse(line)));
for (const message of messages[mode](events)) console.log(JSON.stringify(await post(message)));
