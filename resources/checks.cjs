// What a stage's settings may be, checked when it is packaged.

/** Ids of events are remembered for eight days; a record that a consumer retries must not outlive them. */
const MAX_LOG_HOURS = 168;

/** `local` means this machine; other names become part of names with a limited length. */
exports.refuseStage = (stage) => {
  if (stage === 'local' || !/^[a-z][a-z0-9]{0,15}$/.test(stage))
    return `--stage: Expected 1 to 16 lower-case letters and digits, such as dev, test or prod, got '${stage}'${stage === 'local' ? ', which is this machine' : ''}`;
  return null;
};

/** @param expiringAfterSeconds the consumers' limits of a record's age */
exports.refuseRetention = (logKeptHours, expiringAfterSeconds) => {
  if (!(logKeptHours >= 24 && logKeptHours <= MAX_LOG_HOURS))
    return `logKeptHours: Expected 24 to ${MAX_LOG_HOURS}, since ids of events are remembered for eight days, got ${logKeptHours}`;
  const late = expiringAfterSeconds.find((seconds) => !(seconds > 0 && seconds < logKeptHours * 3_600));
  if (late !== undefined)
    return `expiringAfterSeconds: Expected less than the ${logKeptHours * 3_600} s that logKeptHours keeps a record, so that it reaches the dead letters before the log drops it, got ${late}`;
  return null;
};

/** Copies of an event meet in its lane: with another number of lanes, those that are sent again across the deploy count twice. */
exports.refuseLanes = (deployed, wanted) =>
  deployed === undefined || String(deployed) === String(wanted)
    ? null
    : `lanes: Expected ${deployed}, which the stage was deployed with and cannot change, got ${wanted}. Write lanes: ${deployed} among its params in serverless.yml, or --param="lanes=${deployed}"`;

/** A stage that keeps its data when it is removed is one that matters. */
exports.warnOfSilence = ({ stage, keepsData, alarmEmail }) =>
  keepsData && alarmEmail === ''
    ? `Nobody gets the alarms of ${stage}: set alarmEmail in params of serverless.yml, or --param="alarmEmail=you@example.com"`
    : null;
