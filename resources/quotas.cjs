// A new account may run ten functions at a time; a stage needs more, and calls get 5xx meanwhile.

/** What a stage of these functions runs at a time at least, without a single call: a batch a shard and consumer. */
exports.concurrencyNeeded = (functions, shards) => {
  const streams = Object.values(functions).flatMap(({ events = [] }) => events.flatMap(({ stream }) => (stream === undefined ? [] : [stream.type])));
  // The table of entities has shards, too; a small one has one or a few.
  return streams.reduce((sum, type) => sum + (type === 'kinesis' ? shards : 1), 0);
};

/** Room for calls beside the consumers: the API, the authorizer, the schedules. */
const SPARE = 50;

/** @returns what to ask AWS for, or null if the account's quota is enough. */
exports.concurrencyAdvice = ({ quota, needed, region }) => {
  if (quota >= needed + SPARE) return null;
  const what =
    quota < needed
      ? `fewer than the ${needed} of this stage's consumers alone: they will fall behind, and calls get 5xx`
      : `of which this stage's consumers take ${needed}: a few calls at the same time get 5xx`;
  return `This account may run ${quota} functions at a time in ${region}, ${what}. Ask for more (it is free, and takes hours to days):
  aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000 --region ${region}`;
};
