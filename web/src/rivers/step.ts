/** A step of a sample as the server reads it, from what a form holds. */
export function stepOf(step: string, text: (name: string) => string, now: Date): object {
  const at = text('at') === '' ? now : new Date(text('at'));
  const bottles = bottlesIn(text('bottles'));
  const by = text('by');
  const what =
    step === 'taken'
      ? { step, by, site: text('site'), plan: text('plan'), depth_m: text('depth_m'), bottles }
      : step === 'handed_over'
        ? { step, from: text('from'), to: by, bottles }
        : { step, from: text('from'), by, bottles };
  return { at: at.toISOString(), what, proof: text('proof') };
}

/** One bottle a line: its number, then its seal. */
export function bottlesIn(text: string): { id: string; seal: string }[] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.filter(([id]) => id).map(([id = '', seal = '']) => ({ id, seal }));
}
