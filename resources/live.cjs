// Live numbers, which a stage has if its `live` is true: the functions live, connect and push, and live.yml.

const FUNCTIONS = ['live', 'connect', 'push'];

/** @param service of the framework, its variables resolved */
exports.chooseLive = ({ functions, resources, custom }) => {
  if (String(custom.twinstream.live) === 'true') {
    // Cells have up to 300 KB, of which push needs the keys.
    resources.Resources.Cells.Properties.StreamSpecification = { StreamViewType: 'KEYS_ONLY' };
    // For its content security policy.
    functions.page.environment = { ...functions.page.environment, LIVE_URL: functions.live.environment.LIVE_URL };
    return;
  }
  for (const name of FUNCTIONS) delete functions[name];
  for (const id of Object.keys(resources.Resources)) if (id.startsWith('Live')) delete resources.Resources[id];
};
