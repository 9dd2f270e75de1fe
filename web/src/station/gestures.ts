/**
 * How a reader moves a chart in time: drag or two fingers, the wheel once the chart has the focus (before
 * that the wheel scrolls the page), and keys.
 */
import { zoomed, panned, type Window } from './range';
import type { Step } from '../api/contract';

export interface Moves {
  /** The window as it is drawn now. */
  window: () => Window;
  step: () => Step;
  /** The newest instant that a reader may pan to. */
  latest: () => number;
  move: (window: Window) => void;
  reset: () => void;
  /** Moves the cursor by so many readings. */
  point: (by: number) => void;
}

const ZOOM = 1.5;

/** Listens until the returned function is called. `plot` is the box inside the axes. */
export function listen(target: HTMLElement, plot: HTMLElement, moves: Moves): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const fingers = new Map<number, number>();
  let began: { at: number; window: Window } | null = null;

  /** The instant under a place on the screen, in a window. */
  const instant = (x: number, window: Window): number => {
    const box = plot.getBoundingClientRect();
    return window.from + ((x - box.left) / Math.max(box.width, 1)) * (window.to - window.from);
  };
  const zoomBy = (factor: number, around: number): void => {
    moves.move(zoomed(moves.window(), factor, around, moves.step()));
  };
  const middle = (): number => (moves.window().from + moves.window().to) / 2;

  target.addEventListener(
    'wheel',
    (event) => {
      const isOurs = event.ctrlKey || target.contains(document.activeElement);
      if (!isOurs || event.deltaY === 0) return;
      event.preventDefault();
      zoomBy(event.deltaY > 0 ? ZOOM : 1 / ZOOM, instant(event.clientX, moves.window()));
    },
    { signal, passive: false },
  );
  plot.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, event.clientX);
      plot.setPointerCapture(event.pointerId);
      began = { at: event.clientX, window: moves.window() };
      if (event.pointerType !== 'touch') target.focus({ preventScroll: true });
    },
    { signal },
  );
  plot.addEventListener(
    'pointermove',
    (event) => {
      const was = fingers.get(event.pointerId);
      if (was === undefined || !began) return;
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
      fingers.set(event.pointerId, event.clientX);
      if (other !== undefined) {
        const [before, after] = [Math.abs(was - other), Math.abs(event.clientX - other)];
        if (before > 8 && after > 8)
          zoomBy(before / after, instant((event.clientX + other) / 2, moves.window()));
        return;
      }
      const width = Math.max(plot.getBoundingClientRect().width, 1);
      const share = (began.at - event.clientX) / width;
      if (Math.abs(began.at - event.clientX) > 3) moves.move(panned(began.window, share, moves.latest()));
    },
    { signal },
  );
  const lift = (event: PointerEvent): void => {
    fingers.delete(event.pointerId);
    began = null;
  };
  plot.addEventListener('pointerup', lift, { signal });
  plot.addEventListener('pointercancel', lift, { signal });
  target.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const keys: Record<string, () => void> = {
        ArrowLeft: () => {
          if (event.shiftKey) moves.move(panned(moves.window(), -0.25, moves.latest()));
          else moves.point(-1);
        },
        ArrowRight: () => {
          if (event.shiftKey) moves.move(panned(moves.window(), 0.25, moves.latest()));
          else moves.point(1);
        },
        '+': () => {
          zoomBy(1 / ZOOM, middle());
        },
        '=': () => {
          zoomBy(1 / ZOOM, middle());
        },
        '-': () => {
          zoomBy(ZOOM, middle());
        },
        '0': moves.reset,
      };
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
  return () => {
    abort.abort();
  };
}
