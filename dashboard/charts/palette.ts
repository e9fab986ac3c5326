// The style sheet's colours, for canvases.

const NAMES = ['surface', 'ink', 'ink-2', 'ink-3', 'line', 'line-2', 'batch', 'live', 'before', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6'] as const;
const INKS = ['batch-soft', 'live-soft', 'batch-ink', 'live-ink'] as const;
export type Colour = (typeof NAMES)[number] | (typeof INKS)[number];
export type Palette = Readonly<Record<Colour, string>>;

let known: Palette | null = null;

/** A custom property's text is not a colour yet: an element's own colour is. */
const resolve = (): Palette => {
  const probe = document.createElement('span');
  probe.className = 'colour-probe';
  document.body.append(probe);
  const colours = [...NAMES, ...INKS].map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(colours) as Palette;
};
export const palette = (): Palette => (known ??= resolve());

const hatches = new Map<string, CanvasPattern>();
/** Diagonal lines: what still fills. */
export const hatch = (context: CanvasRenderingContext2D, colour: string): CanvasPattern | string => {
  const key = `${colour} ${devicePixelRatio}`;
  const found = hatches.get(key);
  if (found !== undefined) return found;
  const size = Math.round(5 * devicePixelRatio);
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const lines = tile.getContext('2d');
  if (lines === null) return colour;
  lines.strokeStyle = colour;
  lines.lineWidth = 1.25 * devicePixelRatio;
  lines.beginPath();
  for (const offset of [-size, 0, size]) {
    lines.moveTo(offset, size);
    lines.lineTo(offset + size, 0);
  }
  lines.stroke();
  const pattern = context.createPattern(tile, 'repeat');
  if (pattern === null) return colour;
  hatches.set(key, pattern);
  return pattern;
};

/** Called when the page turns light or dark. */
export const forgetColours = (): void => {
  known = null;
  hatches.clear();
};

/** Of a breakdown: by rank, and one for all others. */
const SERIES = ['c1', 'c2', 'c3', 'c4', 'c5'] as const;
const OTHERS = 'c6';
export const seriesColour = (rank: number, isOther: boolean): Colour => (isOther ? OTHERS : (SERIES[rank] ?? OTHERS));
