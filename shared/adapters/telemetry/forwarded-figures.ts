import type { MessagePort } from 'node:worker_threads';
import type { Figures } from '../../ports/telemetry.ts';

/** A figure on its way to the thread that keeps it. */
export type ForwardedFigure = { [K in keyof Figures]: { readonly figure: K; readonly of: Parameters<Figures[K]> } }[keyof Figures];

/** Sends every figure to the thread that started this one, where the counts outlive this thread. */
export const forwardedFigures = (to: Pick<MessagePort, 'postMessage'>): Figures => {
  const send = (message: ForwardedFigure): void => to.postMessage(message);
  return {
    count: (...of) => send({ figure: 'count', of }),
    gauge: (...of) => send({ figure: 'gauge', of }),
    observe: (...of) => send({ figure: 'observe', of }),
  };
};

/** Records a thread's message if it is a figure; returns whether it was. */
export const takeFigure = (figures: Figures, message: unknown): boolean => {
  if (typeof message !== 'object' || message === null || !('figure' in message)) return false;
  const { figure, of } = message as ForwardedFigure;
  (figures[figure] as (...args: readonly unknown[]) => void)(...of);
  return true;
};
