/** How many columns give the fewest rows, and rows as even as can be: ten that do not fit into one row are five and five. */
export const evenColumns = (count: number, width: number, leastWidth: number): number => {
  const fitting = Math.max(1, Math.floor(width / leastWidth));
  return Math.ceil(count / Math.ceil(count / fitting));
};
