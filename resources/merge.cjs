// Merges a user's serverless.yml over what the plugin brings.
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
exports.isObject = isObject;
exports.listOf = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);

/**
 * Key by key, the user's own value wins; a list is the user's alone. Where one side is an object only once its variable
 * is resolved, the pair is put into `later`.
 */
exports.merge = (ours, users, later, path) => {
  if (users === undefined || users === null) return ours;
  if (typeof ours === 'string' && isObject(users)) {
    later.push({ path, ours, users });
    return ours;
  }
  if (!isObject(ours) || !isObject(users)) return users;
  const keys = new Set([...Object.keys(ours), ...Object.keys(users)]);
  return Object.fromEntries([...keys].map((key) => [key, exports.merge(ours[key], users[key], later, [...path, key])]));
};

/** Maps every text in a value. */
exports.mapTexts = (value, change) => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => exports.mapTexts(one, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, exports.mapTexts(one, change)]));
};
