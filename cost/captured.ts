/** Takes what functions write to standard output, as CloudWatch would: nothing of it is printed. */
export const captureLines = (): { readonly take: () => readonly string[]; readonly release: () => void } => {
  const { stdout } = process;
  const write = stdout.write;
  let text = '';
  stdout.write = ((chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') callback();
    return true;
  }) as typeof write;
  return {
    take: () => {
      const lines = text.split('\n').filter((line) => line !== '');
      text = '';
      return lines;
    },
    release: () => {
      stdout.write = write;
    },
  };
};
